/// \file
/// The outcome of connecting: the socket, the endpoint it leads to, and every attempt on the way.
#pragma once

#include "sdconnect/balancer/lease.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sdconnect {

/// One address of one endpoint that was tried.
struct connect_attempt {
  std::size_t endpoint = 0;  ///< index into the order tried
  name target;
  ip_address address;
  std::uint16_t port = 0;
  std::uint16_t priority = 0;
  std::chrono::microseconds started{};  ///< since the first attempt
  std::chrono::microseconds elapsed{};
  error_code result;  ///< operation_aborted: another attempt won first
};

/// What kept a connect from trying more than it did.
struct connect_restraint {
  bool retry_budget = false;  ///< it was exhausted (connector_options::retries)
  bool rate = false;          ///< the next attempt still waited for its turn (connector_options::rate)
  std::size_t at_limit = 0;   ///< endpoints left out, with as many in flight as balancer_options::max_in_flight allows
  std::size_t untried = 0;    ///< other endpoints that were not tried
};

/// Moves. As long as it lives its endpoint counts as in use by it.
struct connection {
  boost::asio::ip::tcp::socket socket;  ///< open when there was no error
  endpoint where;
  ip_address address;
  std::vector<connect_attempt> attempts;
  service found;  ///< empty when the caller brought the endpoints
  /// Of a connector, without error: the endpoint's place in its balancer; keep it as long as the stream. Its
  /// drain_deadline() says when the stream must end because the endpoint has left DNS. Tell it with report() what was
  /// learned after connecting: handshake_failed, reset, closed_silently.
  std::optional<sdconnect::lease> lease;
  connect_restraint restraint;

  explicit connection(boost::asio::any_io_executor executor) : socket(std::move(executor)) {}
};

}  // namespace sdconnect
