/// \file
/// The decisions of one connect, as those who perform them see it: events go in, steps come out.
#pragma once

#include "connect/race/race.hpp"
#include "sdconnect/balancer/endpoint_use.hpp"
#include "sdconnect/connect/connect_attempt.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace sdconnect::detail {

/// How a connect ended.
struct connect_conclusion {
  error_code status;
  std::optional<std::size_t> winner;  ///< the candidate
  endpoint where;                     ///< the winner's, and its address
  ip_address address;
  std::optional<endpoint_use> held;  ///< its place in the balancer, where there is one
  std::vector<connect_attempt> attempts;
  connect_restraint restraint;
};

/// Every event gives a step: candidates to connect to, attempts to close, when to call on_timer(),
/// whether all is over. A step that starts nothing and is not done only waits, for its time or for
/// an event. Pure; not thread safe.
class connect_steps {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  connect_steps() = default;
  connect_steps(const connect_steps&) = delete;
  connect_steps& operator=(const connect_steps&) = delete;
  virtual ~connect_steps() = default;

  /// First, and once.
  [[nodiscard]] virtual race::step start(time_point now) = 0;
  [[nodiscard]] virtual race::step on_connected(std::size_t candidate, time_point now) = 0;
  [[nodiscard]] virtual race::step on_failed(std::size_t candidate, error_code ec, time_point now) = 0;
  [[nodiscard]] virtual race::step on_timer(time_point now) = 0;
  /// Ends it: everything under way is abandoned.
  [[nodiscard]] virtual race::step stop(error_code status, time_point now) = 0;

  /// One that a step started. Valid until the next event.
  [[nodiscard]] virtual const attempt_target& candidate(std::size_t index) const = 0;
  /// REQUIRES: a step was done; once.
  [[nodiscard]] virtual connect_conclusion conclude() = 0;
};

/// The race's attempts as they are told. `endpoint_at` knows the race's endpoints.
[[nodiscard]] std::vector<connect_attempt> attempts_of(const race& of,
                                                       const std::function<const endpoint&(std::size_t)>& endpoint_at);

/// All but `held`.
[[nodiscard]] connect_conclusion conclusion_of(const race& of,
                                               const std::function<const endpoint&(std::size_t)>& endpoint_at);

}  // namespace sdconnect::detail
