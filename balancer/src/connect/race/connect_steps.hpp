/// \file
/// The interface of one connect's decisions: events go in, steps come out.
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
  std::optional<std::size_t> winner;  ///< the candidate that won
  endpoint where;                     ///< the winner's endpoint and address
  ip_address address;
  std::optional<endpoint_use> held;  ///< the winner's use, if a balancer is involved
  std::vector<connect_attempt> attempts;
  std::chrono::steady_clock::time_point first_attempt{};  ///< if there are any
  connect_restraint restraint;
  std::vector<untried_endpoint> untried;
};

/// Every event returns a step: candidates to connect to, attempts to close, when to call
/// on_timer(), and whether the connect is over. A step that starts nothing and is not done only
/// waits, for its time or for an event. No I/O, no clock; not thread safe.
class connect_steps {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  connect_steps() = default;
  connect_steps(const connect_steps&) = delete;
  connect_steps& operator=(const connect_steps&) = delete;
  virtual ~connect_steps() = default;

  /// Call first, and once.
  [[nodiscard]] virtual race::step start(time_point now) = 0;
  [[nodiscard]] virtual race::step on_connected(std::size_t candidate, time_point now) = 0;
  [[nodiscard]] virtual race::step on_failed(std::size_t candidate, error_code ec, time_point now) = 0;
  [[nodiscard]] virtual race::step on_timer(time_point now) = 0;
  /// Ends the connect; everything under way is abandoned.
  [[nodiscard]] virtual race::step stop(error_code status, time_point now) = 0;

  /// Returns a candidate that a step started. Valid until the next event.
  [[nodiscard]] virtual const attempt_target& candidate(std::size_t index) const = 0;
  /// REQUIRES: a step was done; call it once.
  [[nodiscard]] virtual connect_conclusion conclude() = 0;
};

/// Returns the race's attempts for the result. `endpoint_at` returns the race's endpoint at an
/// index.
[[nodiscard]] std::vector<connect_attempt> attempts_of(const race& of,
                                                       const std::function<const endpoint&(std::size_t)>& endpoint_at);

/// Returns the conclusion without `held`.
[[nodiscard]] connect_conclusion conclusion_of(const race& of,
                                               const std::function<const endpoint&(std::size_t)>& endpoint_at);

}  // namespace sdconnect::detail
