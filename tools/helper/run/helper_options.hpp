/// \file
/// Everything that the command line and the configuration file say about one helper.
#pragma once

#include "helper/protocol/credentials.hpp"
#include "helper/route/listen_address.hpp"
#include "helper/route/route_table.hpp"
#include "sdconnect/connect/connect_options.hpp"
#include "sdconnect/resolver/service_query.hpp"
#include "sdconnect/transport/name_server.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sdconnect::helper {

/// A local port, or Unix socket, that leads to one service.
struct forward_options {
  listen_address at;
  name service;
  bool proxy_protocol = false;  ///< tells the backend the client's address (PROXY protocol, version 2)
  bool affinity = false;        ///< stays with one endpoint while that is healthy

  friend bool operator==(const forward_options&, const forward_options&) = default;
};

struct helper_options {
  std::vector<forward_options> forwards;
  std::vector<listen_address> proxies;
  bool default_proxies = false;  ///< nobody asked for them: [::1] may be missing
  route_options routes;
  std::optional<credentials> required;   ///< of clients of the proxies
  std::optional<listen_address> status;  ///< of the status page
  std::optional<std::string> token;      ///< for the status page's actions

  service_query wishes;  ///< wishes and timeout of every query; its name is replaced
  connector_options connecting;
  /// Whether only name servers on this host are asked for the name.
  std::function<bool(const name&)> is_asked_locally = {};
  bool allow_loopback = false;  ///< services may lead to loopback whoever says so (FAULTS S15)

  std::chrono::milliseconds handshake_timeout{5000};
  std::chrono::milliseconds idle_timeout = std::chrono::milliseconds::max();
  std::chrono::milliseconds drain{30'000};          ///< how long clients may stay after SIGTERM
  std::chrono::milliseconds drain_removed{60'000};  ///< the same after their endpoint has left DNS; 0: for ever
  bool stop_accepting = false;                      ///< SIGTERM closes the listeners at once
  std::size_t max_clients = 10'000;
  std::size_t max_handshakes = 256;  ///< beyond it the oldest unfinished handshake ends
  std::size_t max_rate = 0;          ///< new clients per second and listener; 0: no limit
  unsigned threads = 1;
};

}  // namespace sdconnect::helper
