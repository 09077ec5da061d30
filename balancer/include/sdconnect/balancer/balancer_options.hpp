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
  /// factor) of the load, and leaves the rest to the next tier. With the factor 1.4, a tier with
  /// half of its endpoints down keeps 70 %.
  healthy_share,
};
/// "all dead", "healthy share".
[[nodiscard]] std::string_view to_string(tier_spill spill) noexcept;

/// Negative times count as 0, times longer than a year as a year; so max() effectively means never.
struct balancer_options {
  selection_policy policy = selection_policy::rfc2782;
  any_endpoint_policy custom;  ///< if not empty, chooses instead of `policy`
  health_options health;
  tier_spill spill = tier_spill::all_dead;
  double overprovisioning = 1.4;
  /// A tier whose endpoints were all down serves again only after it has had a usable endpoint for
  /// this time, unless no other tier serves. Trials continue meanwhile. 0: at once.
  std::chrono::milliseconds return_hold{0};
  /// Panic: if the usable share of a tier is below this, the whole tier is used and its health is
  /// ignored (Envoy: 0.5). 0: only if nothing is usable in any tier.
  double panic_threshold = 0;
  std::uint32_t max_in_flight = 0;  ///< maximum number of uses of each endpoint; 0: no limit
  /// How long a stream may continue after its endpoint has left DNS. 0 and max(): no limit.
  std::chrono::milliseconds drain_deadline{0};
  /// Policy `ordered`: the client orders endpoints of equal priority and weight at random, and
  /// draws a new order after each period of this length (+-20 %). 0: always by target, then port.
  std::chrono::milliseconds reshuffle{0};
  /// Makes choices reproducible: equal seeds and equal calls give equal choices, in one thread.
  /// Unset: the operating system's entropy, in each process and thread and after each fork().
  std::optional<std::uint64_t> seed;
};

}  // namespace sdconnect
