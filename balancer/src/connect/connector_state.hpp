/// \file
/// What the copies of a connector share: services, their health, and the limits that hold for all of them.
#pragma once

#include "connect/connect_limits.hpp"
#include "connect/service_table.hpp"
#include "sdconnect/balancer/random.hpp"
#include "sdconnect/connect/connect_options.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace sdconnect {

class connector_state {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  connector_state(resolver find, const connector_options& with, random_engine random, time_point now);

  /// Without the families that are not to be connected to.
  [[nodiscard]] service_query narrowed(service_query query) const;
  /// The service of that identity with what DNS says of it now.
  [[nodiscard]] std::shared_ptr<served_service> serve(service_identity identity, const service& found, time_point now);
  /// DNS says that there is no such service. What was never asked for is not remembered for that.
  void clear(const service_identity& identity, time_point now);

  /// Nothing learned of any endpoint or address holds. Done by serve() when the network is another one.
  void reset_health(time_point now);

  resolver find;
  const connector_options options;
  service_table services;
  connect_limits limits;

 private:
  random_engine random_;
  std::uint64_t network_changes_ = 0;  // seen
};

}  // namespace sdconnect
