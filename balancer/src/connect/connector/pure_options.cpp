#include "connect/connector/pure_options.hpp"

namespace sdconnect::detail {

race_options race_options_of(const connect_options& from, std::chrono::steady_clock::time_point deadline) {
  return {from.attempt_delay, from.attempt_timeout, deadline, from.hedge_delay, from.use_ipv4, from.use_ipv6};
}

core_options core_options_of(const connector_options& from) {
  return {race_options_of(from.connecting),     from.balancing, from.retries,     from.rate, from.key,
          {from.min_interval, from.keep_fresh}, from.trace,     from.max_services};
}

}  // namespace sdconnect::detail
