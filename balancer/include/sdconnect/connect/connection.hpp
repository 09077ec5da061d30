/// \file
/// The outcome of connecting: the socket, the endpoint it leads to, and every attempt on the way.
#pragma once

#include "sdconnect/balancer/balanced_endpoint.hpp"
#include "sdconnect/balancer/endpoint_use.hpp"
#include "sdconnect/connect/connect_attempt.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace sdconnect {

namespace detail {
inline std::shared_ptr<const service> empty_service() {
  static const std::shared_ptr<const service> empty = std::make_shared<const service>();
  return empty;
}
}  // namespace detail

/// Moves. As long as it lives its endpoint counts as in use by it. Not thread safe.
class connection {
 public:
  connection() = default;
  explicit connection(boost::asio::ip::tcp::socket connected) : socket_(std::move(connected)) {}

  /// True when there was no error, until release().
  [[nodiscard]] bool has_socket() const noexcept { return socket_.has_value(); }
  /// REQUIRES: has_socket().
  [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept { return *socket_; }
  /// The socket, and the use of its endpoint, which counts for as long as the second is kept.
  /// REQUIRES: has_socket().
  [[nodiscard]] std::pair<boost::asio::ip::tcp::socket, std::optional<endpoint_use>> release() {
    std::pair out(*std::exchange(socket_, std::nullopt), std::exchange(use, std::nullopt));
    return out;
  }

  endpoint where;
  ip_address address;
  std::vector<connect_attempt> attempts;
  /// What DNS said of the service, by the time the connect ended. Never null; empty when the caller
  /// brought the endpoints.
  std::shared_ptr<const service> found = detail::empty_service();
  /// The order in which its endpoints were to be tried, and how it was drawn
  /// (connector_options::trace); empty when nothing was.
  attempt_plan plan;
  /// Of a connector, without error: the endpoint's place in its balancer; keep it as long as the
  /// stream. Its drain_deadline() says when the stream must end because the endpoint has left DNS.
  /// Tell it with report() what was learned after connecting: handshake_failed, reset,
  /// closed_silently.
  std::optional<endpoint_use> use;
  connect_restraint restraint;

 private:
  std::optional<boost::asio::ip::tcp::socket> socket_;
};

}  // namespace sdconnect
