/// \file
/// What a race needs from outside: permission to start attempts, and a receiver of outcomes.
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
  bool refused = false;  ///< not an address to connect to (refusal_of, connect_options::admits); reported, never tried
  bool is_last_resort = false;  ///< its endpoint is known to be down
};

/// This base class allows everything and records nothing; for races whose outcomes are not
/// recorded.
class race_context {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  race_context() = default;
  race_context(const race_context&) = delete;
  race_context& operator=(const race_context&) = delete;
  virtual ~race_context() = default;

  /// Returns whether attempts at this endpoint may begin; called until it returns true.
  /// `as_last_resort`: there is no other endpoint left to try.
  [[nodiscard]] virtual bool may_use(std::size_t, bool /*as_last_resort*/, time_point) { return true; }
  /// True if DNS no longer lists the endpoint: then this, not a limit, is why it may not be used.
  [[nodiscard]] virtual bool has_left(std::size_t) const { return false; }
  /// Takes permission for one attempt after the first.
  [[nodiscard]] virtual bool take_retry(time_point) { return true; }
  /// Returns when the next attempt may start; each returned time is for one attempt. Returns
  /// nothing if the time would be after `latest`.
  [[nodiscard]] virtual std::optional<time_point> take_turn(time_point now, time_point /*latest*/) { return now; }

  /// Reports how the attempt at one address ended.
  virtual void on_address(const attempt_target&, outcome_kind, time_point) {}
  /// Reports what the attempts at its addresses say about an endpoint, once for each time that its
  /// use was granted. A use is granted a second time only if addresses join after the endpoint's
  /// others have failed.
  virtual void on_endpoint(std::size_t, outcome_kind, std::chrono::microseconds /*elapsed*/, time_point) {}
};

}  // namespace sdconnect::detail
