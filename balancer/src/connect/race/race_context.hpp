/// \file
/// What a race needs from outside: leave to start an attempt, and somebody who wants to know how it
/// went.
#pragma once

#include "sdconnect/balancer/outcome.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sdconnect::detail {

/// One address to try.
struct attempt_target {
  std::size_t endpoint = 0;  ///< index into the order
  ip_address address;
  std::uint16_t port = 0;
  std::uint16_t priority = 0;
  bool refused = false;         ///< an address no stream can lead to; reported, never tried
  bool is_last_resort = false;  ///< its endpoint is known to be down
};

/// This one allows everything and forgets everything: for a race that nobody else is to learn from.
class race_context {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  race_context() = default;
  race_context(const race_context&) = delete;
  race_context& operator=(const race_context&) = delete;
  virtual ~race_context() = default;

  /// Whether attempts at this endpoint may begin; asked until it was granted. `as_last_resort`:
  /// there is no other endpoint left to try.
  [[nodiscard]] virtual bool may_use(std::size_t, bool /*as_last_resort*/, time_point) { return true; }
  /// DNS no longer lists it: that, and no limit, is why it may not be used.
  [[nodiscard]] virtual bool has_left(std::size_t) const { return false; }
  /// Leave for one attempt more than the first.
  [[nodiscard]] virtual bool take_retry(time_point) { return true; }
  /// When the next attempt may start; one attempt for each time given. Nothing, when that would be
  /// after `latest`.
  [[nodiscard]] virtual std::optional<time_point> take_turn(time_point now, time_point /*latest*/) { return now; }

  /// How the attempt at one address ended.
  virtual void on_address(const attempt_target&, outcome_kind, time_point) {}
  /// What the attempts at its addresses say of an endpoint: once for each time that its use was
  /// granted. An endpoint is granted a second time only when addresses join after its others have
  /// failed.
  virtual void on_endpoint(std::size_t, outcome_kind, std::chrono::microseconds /*elapsed*/, time_point) {}
};

}  // namespace sdconnect::detail
