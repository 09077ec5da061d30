/// \file
/// The outcome of connecting: the socket, the endpoint it leads to, and every attempt on the way.
#pragma once

#include "sdconnect/balancer/lease.hpp"
#include "sdconnect/connect/connect_attempt.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <vector>

namespace sdconnect {

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
