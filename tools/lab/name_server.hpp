/// \file
/// A name server inside the process. One function computes all its answers. The demo uses it, and
/// tests that drop, delay, repeat or forge replies.
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
#include <variant>

namespace sdconnect::detail {
class tcp_session;
}  // namespace sdconnect::detail

namespace sdconnect::lab {

enum class transport : std::uint8_t { udp, tcp };

class name_server_state;

/// The way back to the client that sent a query. Copies may be kept for later: what is sent after
/// the end of the connection or the server is dropped. Thread safe.
class reply_path {
 public:
  reply_path(std::weak_ptr<name_server_state> server, boost::asio::ip::udp::endpoint client);
  reply_path(std::weak_ptr<name_server_state> server, std::weak_ptr<detail::tcp_session> connection);

  [[nodiscard]] transport over() const noexcept;
  /// The client's address. REQUIRES: over() == transport::udp.
  [[nodiscard]] const boost::asio::ip::udp::endpoint& client() const;

  /// Sends one message: a datagram, or octets with their length in front (RFC 1035 §4.2.2).
  void send(std::span<const std::uint8_t> message) const;
  /// Sends octets without a length. REQUIRES: over() == transport::tcp.
  void send_unframed(std::span<const std::uint8_t> octets) const;
  /// Closes the connection when everything is sent. REQUIRES: over() == transport::tcp.
  void close_when_sent() const;

 private:
  std::weak_ptr<name_server_state> server_;
  std::variant<boost::asio::ip::udp::endpoint, std::weak_ptr<detail::tcp_session>> to_;
};

/// Called for each datagram, and for each message of a TCP connection.
using handler = std::function<void(std::span<const std::uint8_t> query, const reply_path& back)>;

/// Answers like an authoritative server for the zone; over UDP with at most 1232 octets.
[[nodiscard]] handler zone_handler(std::shared_ptr<const zone> served);

struct name_server_options {
  boost::asio::ip::address address = boost::asio::ip::address_v4::loopback();
  std::uint16_t port = 0;  ///< 0 is a port free for both
  std::size_t max_connections = 256;
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(10);  ///< of a TCP connection, RFC 7766 §6.2.3
  std::optional<detail::tls_identity> tls;                            ///< when set, TCP is DNS over TLS (RFC 7858)
};

/// UDP and TCP on one address and port. Thread safe; the handler is called for one query at a time,
/// and may call close(). The executor's context must outlive the server.
class name_server {
 public:
  /// Serves at once. Throws boost::system::system_error naming the address.
  name_server(boost::asio::any_io_executor executor, handler answer, name_server_options options = {});
  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;
  ~name_server();

  [[nodiscard]] boost::asio::ip::udp::endpoint endpoint() const;
  [[nodiscard]] std::uint16_t port() const { return endpoint().port(); }

  /// Number of queries received.
  [[nodiscard]] std::uint64_t queries(transport over) const;
  [[nodiscard]] std::uint64_t connections() const;

  /// Frees the port and drops connections. The handler is not called after this returns.
  void close();

 private:
  std::shared_ptr<name_server_state> state_;
};

}  // namespace sdconnect::lab
