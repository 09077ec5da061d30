/// \file
/// A connected stream, plain or TLS, used blocking but under a deadline.
#pragma once

#include "sdconnect/error/error.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sdconnect::cli {

class byte_stream {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  byte_stream() = default;
  byte_stream(const byte_stream&) = delete;
  byte_stream& operator=(const byte_stream&) = delete;
  virtual ~byte_stream() = default;

  /// All of `octets`. errc::deadline_passed at the deadline, after which the stream is of no use.
  [[nodiscard]] virtual error_code write(std::string_view octets, time_point deadline) = 0;

  struct read_result {
    error_code error;  ///< asio's eof at the end, ssl's stream_truncated when TLS was not ended by its own close_notify
    std::size_t octets = 0;
  };
  /// At least one octet. Without a deadline it waits for ever.
  [[nodiscard]] virtual read_result read_some(std::span<char> into, std::optional<time_point> deadline) = 0;
};

/// `io` must run nowhere else while the stream is used.
[[nodiscard]] std::unique_ptr<byte_stream> make_plain_stream(boost::asio::io_context& io,
                                                             boost::asio::ip::tcp::socket socket);

struct tls_options {
  std::string
      peer_name;  ///< a host name or an IP address that the certificate must be valid for; sent as SNI when a name
  std::string ca_file;  ///< trusted instead of the system's authorities; empty: these
  std::string where;    ///< how messages name the endpoint
};

/// TLS 1.2 or later with a verified certificate; the handshake is done when this returns. Throws
/// failure: 66 for a CA file that cannot be used, 77 for a certificate that does not pass, 69 at
/// the deadline, 74 when the connection broke, 76 when the peer does not speak TLS.
[[nodiscard]] std::unique_ptr<byte_stream> make_tls_stream(boost::asio::io_context& io,
                                                           boost::asio::ip::tcp::socket socket,
                                                           const tls_options& options,
                                                           byte_stream::time_point deadline);

/// Whether `ec` says that a TLS stream ended without close_notify, as an attacker on the path could
/// make it end (RFC 8446 §6.1).
[[nodiscard]] bool is_cut_tls(error_code ec) noexcept;

}  // namespace sdconnect::cli
