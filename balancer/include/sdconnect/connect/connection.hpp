/// \file
/// The result of a connect: the socket, its endpoint, and every attempt.
#pragma once

#include "sdconnect/balancer/balanced_endpoint.hpp"
#include "sdconnect/balancer/endpoint_use.hpp"
#include "sdconnect/connect/connect_attempt.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
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

/// Movable. While it lives, its endpoint counts as in use. Not thread safe.
class connection {
 public:
  connection() = default;
  explicit connection(boost::asio::ip::tcp::socket connected) : socket_(std::move(connected)) {}

  /// True if there was no error, until release().
  [[nodiscard]] bool has_socket() const noexcept { return socket_.has_value(); }
  /// REQUIRES: has_socket().
  [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept { return *socket_; }
  /// Returns the socket and the use of its endpoint. The endpoint counts as in use as long as the
  /// caller keeps the latter. REQUIRES: has_socket().
  [[nodiscard]] std::pair<boost::asio::ip::tcp::socket, std::optional<endpoint_use>> release() {
    std::pair out(*std::exchange(socket_, std::nullopt), std::exchange(use, std::nullopt));
    return out;
  }

  endpoint where;
  ip_address address;
  std::vector<connect_attempt> attempts;                  ///< the first 10,000, and the one that connected
  std::chrono::steady_clock::time_point first_attempt{};  ///< when it started, if there are any
  /// What DNS said about the service by the end of the connect. Never null; empty if the caller
  /// passed the endpoints.
  std::shared_ptr<const service> found = detail::empty_service();
  /// The order in which the endpoints were to be tried, and how it was drawn. Empty without
  /// connector_options::trace, or if no order was drawn.
  attempt_plan plan;
  /// Set by a connector on success: the use of the endpoint in its balancer; keep it as long as the
  /// stream. Its drain_deadline() tells when the stream must end because the endpoint has left DNS.
  /// Pass to its report() what is learned after connecting: handshake_failed, reset,
  /// closed_silently. To try the next endpoint: connector::async_connect_next.
  std::optional<endpoint_use> use;
  connect_restraint restraint;
  /// After an error, the endpoints that were not tried. After a success only those that were left
  /// out because nothing of their priority answered in its time.
  std::vector<untried_endpoint> untried;

 private:
  std::optional<boost::asio::ip::tcp::socket> socket_;
};

}  // namespace sdconnect
