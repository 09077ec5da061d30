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

/// What is remembered of a tier from one publication to the next.
struct tier_memory {
  using time_point = std::chrono::steady_clock::time_point;

  std::uint16_t priority = 0;
  bool was_dead = false;                      ///< nothing of it was up or warming
  time_point held_until = time_point::min();  ///< it does not serve before, while another can
};

struct serving_tier {
  std::uint32_t tier = 0;
  double load = 1;  ///< of all serving tiers together: 1
  bool ignores_health = false;
};

/// Most often one.
using serving_tiers = boost::container::small_vector<serving_tier, 1>;

/// The tiers that serve, the lowest priority first; empty when nothing can be tried. `memory` and
/// `counts` are by tier; `memory` is brought up to date.
///
///  1. A tier serves when one of it is up or warming. One that had none, and has one again, is held
///     for `return_hold`, unless all are held.
///  2. all_dead: the first that serves, alone.
///  3. healthy_share (Envoy, "Priority levels"): tier after tier takes min(1, healthy share *
///     factor) of what is left. If that is less than the whole, all are scaled up to it.
///  4. Panic: a tier with a smaller healthy share than the threshold is used as a whole. With spill
///     only when 3. had to scale.
///  5. Nothing serves: the first tier of which anything can be tried, as a whole.
[[nodiscard]] serving_tiers choose_tiers(std::span<const tier_counts> counts, std::span<tier_memory> memory,
                                         const balancer_options& options, tier_memory::time_point now);

}  // namespace sdconnect::detail
