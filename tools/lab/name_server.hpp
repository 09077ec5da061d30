/// \file
/// A name server inside the process, whose answers are one function: for the demo, and for tests
/// that drop, delay, repeat or forge.
#pragma once

#include "net/listen/tls_filter.hpp"
#include "sdconnect/dns/zone.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::lab {

enum class transport : std::uint8_t { udp, tcp };

/// One datagram, or one message of a TCP connection.
struct reply {
  std::vector<std::uint8_t> octets;
  std::chrono::milliseconds delay{0};
  /// UDP: sent from another port of the same address, as a forger would.
  bool from_other_port = false;
  /// TCP: without the length in front, for replies in pieces and for wrong lengths.
  bool without_length = false;
  /// TCP: then the connection is closed. With `without_length` and no octets nothing else happens.
  bool then_close = false;
};

/// Returns what is sent for a query, in order; nothing at all is a lost query.
using handler = std::function<std::vector<reply>(std::span<const std::uint8_t> query, transport over)>;

/// Answers as an authoritative server for the zone does, over UDP with at most 1232 octets.
[[nodiscard]] handler zone_handler(std::shared_ptr<const zone> served);

/// UDP and TCP on one address and port. Thread safe; the handler is called for one query at a time,
/// and may call close(). The executor's context must outlive the server.
class name_server {
 public:
  struct options {
    boost::asio::ip::address address = boost::asio::ip::address_v4::loopback();
    std::uint16_t port = 0;  ///< 0 is a port free for both
    std::size_t max_connections = 256;
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(10);  ///< of a TCP connection, RFC 7766 §6.2.3
    std::optional<detail::tls_identity> tls;                            ///< when set, TCP is DNS over TLS (RFC 7858)
  };

  /// Serves at once. Throws boost::system::system_error naming the address.
  name_server(boost::asio::any_io_executor executor, handler answer);
  name_server(boost::asio::any_io_executor executor, handler answer, options how);
  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;
  ~name_server();

  [[nodiscard]] boost::asio::ip::udp::endpoint endpoint() const;
  [[nodiscard]] std::uint16_t port() const { return endpoint().port(); }

  /// Queries received so far.
  [[nodiscard]] std::uint64_t queries(transport over) const;
  [[nodiscard]] std::uint64_t connections() const;

  /// Frees the port, drops connections and delayed replies. When it returns, the handler is not
  /// called any more.
  void close();

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace sdconnect::lab
