/// \file
/// Which tiers serve, and with which part of the load.
#pragma once

#include "balancer/health/published_health.hpp"
#include "sdconnect/balancer/balancer_options.hpp"

#include <boost/container/small_vector.hpp>

#include <chrono>
#include <cstdint>
#include <span>

namespace sdconnect::detail {

/// State of a tier that is kept from one publication to the next.
struct tier_memory {
  using time_point = std::chrono::steady_clock::time_point;

  std::uint16_t priority = 0;
  bool was_dead = false;                      ///< none of its endpoints was up or warming
  time_point held_until = time_point::min();  ///< it does not serve before this time while another tier can
};

struct serving_tier {
  std::uint32_t tier = 0;
  double load = 1;  ///< its part; the parts of all serving tiers sum to 1
  bool ignores_health = false;
};

/// Usually one.
using serving_tiers = boost::container::small_vector<serving_tier, 1>;

/// Returns the tiers that serve, the lowest priority first; empty if nothing can be tried. `memory`
/// and `counts` are indexed by tier; updates `memory`.
///
///  1. A tier can serve if one of its endpoints is up or warming. A tier that had none and has one
///     again is held back for `return_hold`, unless all are held back.
///  2. all_dead: the first tier that can serve, alone.
///  3. healthy_share (Envoy, "Priority levels"): each tier in turn takes min(1, healthy share *
///     factor) of the load, but not more than what is left. If they take less than the whole, all
///     are scaled up to it.
///  4. Panic: a tier with a healthy share below the threshold is used as a whole. With
///     healthy_share, only if 3. had to scale.
///  5. If no tier can serve: the first tier with an endpoint that can be tried, as a whole.
[[nodiscard]] serving_tiers choose_tiers(std::span<const tier_counts> counts, std::span<tier_memory> memory,
                                         const balancer_options& options, tier_memory::time_point now);

}  // namespace sdconnect::detail
