/// \file
/// How a balancer chooses among tiers and endpoints.
#pragma once

#include "sdconnect/balancer/endpoint_policy.hpp"
#include "sdconnect/balancer/health_options.hpp"
#include "sdconnect/balancer/policy.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sdconnect {

/// Which tiers serve.
enum class tier_spill : std::uint8_t {
  all_dead,  ///< RFC 2782: the lowest priority with a usable endpoint
  /// As Envoy's priority levels: a tier takes min(1, its healthy share times the over-provisioning
  /// factor) of the load, and leaves the rest to the next. With the factor 1.4 and half of its
  /// endpoints down it keeps 70 %.
  healthy_share,
};
/// "all dead", "healthy share".
[[nodiscard]] std::string_view to_string(tier_spill spill) noexcept;

/// Negative times serve as 0, longer ones than a year as a year, so that max() is as good as never.
struct balancer_options {
  selection_policy policy = selection_policy::rfc2782;
  any_endpoint_policy custom;  ///< chooses instead of `policy`, when not empty
  health_options health;
  tier_spill spill = tier_spill::all_dead;
  double overprovisioning = 1.4;
  /// How long a tier of which all endpoints were down must have had a usable one before it serves
  /// again, unless no other does. Trials go on meanwhile. 0: at once.
  std::chrono::milliseconds return_hold{0};
  /// Panic: with a smaller share than this of a tier usable, all of it is used as if nothing were
  /// known of its health (Envoy: 0.5). 0: only when nothing is usable in any tier.
  double panic_threshold = 0;
  std::uint32_t max_in_flight = 0;  ///< uses of each endpoint; 0: no limit
  /// How long a stream may live on after its endpoint has left DNS. 0 and max(): no limit.
  std::chrono::milliseconds drain_deadline{0};
  /// Policy `ordered`: endpoints equal in priority and weight stand in an order of this client's
  /// own, drawn anew after each such time (+-20 %). 0: by target, then port, always.
  std::chrono::milliseconds reshuffle{0};
  /// Reproducible choices: equal seeds and equal calls give equal choices, in one thread. Unset:
  /// the operating system's entropy, in each process, thread and after each fork().
  std::optional<std::uint64_t> seed;
};

}  // namespace sdconnect
