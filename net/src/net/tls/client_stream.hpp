/// \file
/// A connected TCP socket with optional TLS, for clients of any protocol.
#pragma once

#include "sdconnect/net/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace sdconnect::detail {

/// Handlers run on the socket's executor, never inside the initiating function; the stream and the
/// octets must live until then. Only one operation at a time. Not thread safe.
class client_stream {
 public:
  using handler = std::function<void(error_code ec, std::size_t octets)>;

  /// Without TLS.
  explicit client_stream(boost::asio::ip::tcp::socket socket);
  /// With TLS (make_tls_context). The server's certificate must be valid for `peer`, a host name or
  /// IP address (RFC 9110 §4.3.4). `server_name` is sent as SNI, unless it is an address.
  client_stream(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> context,
                const std::string& peer, const std::string& server_name);
  /// Same, with `peer` as SNI.
  client_stream(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> context,
                const std::string& peer)
      : client_stream(std::move(socket), std::move(context), peer, peer) {}
  client_stream(const client_stream&) = delete;
  client_stream& operator=(const client_stream&) = delete;

  [[nodiscard]] boost::asio::any_io_executor get_executor();

  /// Call before the handshake: offers `protocol` as the protocol inside TLS (ALPN, RFC 7301).
  void offer(std::string_view protocol);
  /// Does nothing without TLS or after the first success. Errors: those of the operating system; a
  /// certificate_error; those of OpenSSL.
  void async_handshake(std::function<void(error_code ec)> done);
  /// Writes all of `octets`.
  void async_write(std::string_view octets, handler done);
  /// Reads at least one octet. Errors: asio's eof at the end; is_cut_tls() if TLS ended without
  /// close_notify.
  void async_read_some(std::span<char> into, handler done);
  /// Makes the pending operation complete with operation_aborted.
  void close() noexcept;

  /// "TLSv1.3" after a handshake; empty without TLS.
  [[nodiscard]] std::string tls_version() const;

 private:
  using tls_socket = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

  [[nodiscard]] boost::asio::ip::tcp::socket& socket();

  std::shared_ptr<boost::asio::ssl::context> context_;  // outlives the stream
  std::variant<boost::asio::ip::tcp::socket, tls_socket> stream_;
  bool is_authenticated_;
};

/// The names of a server in a handshake.
struct tls_names {
  std::string certificate;  ///< that the certificate must be valid for
  std::string server_name;  ///< that is sent as SNI
};

/// Each of the two is what the user gave for it, or else for the other one, or else `target`.
[[nodiscard]] inline tls_names tls_names_of(const std::string& server_name, const std::string& certificate,
                                            const std::string& target) {
  const std::string& any = certificate.empty() ? server_name.empty() ? target : server_name : certificate;
  return {any, server_name.empty() ? any : server_name};
}

/// Whether `ec` says that a TLS stream ended without close_notify, as an attacker on the path could
/// cause (RFC 8446 §6.1).
[[nodiscard]] bool is_cut_tls(error_code ec) noexcept;

/// For a peer that ended the stream before it sent anything. Message: "connection closed without an
/// answer"; condition: bad_peer.
[[nodiscard]] error_code closed_unanswered() noexcept;

}  // namespace sdconnect::detail
