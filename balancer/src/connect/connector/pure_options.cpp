#include "connect/connector/pure_options.hpp"

namespace sdconnect::detail {

race_options race_options_of(const connect_options& from, std::chrono::steady_clock::time_point deadline) {
  return {.attempt_delay = from.attempt_delay,
          .attempt_timeout = from.attempt_timeout,
          .deadline = deadline,
          .hedge_delay = from.hedge_delay,
          .use_ipv4 = from.use_ipv4,
          .use_ipv6 = from.use_ipv6};
}

core_options core_options_of(const connector_options& from) {
  return {race_options_of(from.connecting),
          from.balancing,
          from.retries,
          from.rate,
          from.key,
          {from.min_interval, from.keep_fresh},
          from.trace,
          from.max_services,
          from.connecting.admits};
}

}  // namespace sdconnect::detail
