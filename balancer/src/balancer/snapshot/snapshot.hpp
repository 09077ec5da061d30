/// \file
/// What those who pick read: immutable, published whenever DNS or health changes something.
#pragma once

#include "balancer/health/published_health.hpp"
#include "balancer/order/alias_columns.hpp"
#include "balancer/policy/rendezvous.hpp"
#include "balancer/snapshot/indexed_set.hpp"
#include "balancer/snapshot/tier_choice.hpp"
#include "sdconnect/balancer/balancer_options.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Equals of policy `ordered`, in an order of this client's own: positions, by place. Null: the
/// order of the set.
using shuffle = std::shared_ptr<const std::vector<std::uint32_t>>;

[[nodiscard]] inline std::uint32_t position_at(const shuffle& shuffled, std::uint32_t place) noexcept {
  return shuffled ? (*shuffled)[place] : place;
}

struct snapshot : std::enable_shared_from_this<snapshot> {
  std::uint64_t version = 0;
  std::shared_ptr<const indexed_set> set;
  std::vector<published_health> health;  ///< by position
  serving_tiers serving;
  shuffle shuffled;

  /// Chances of the positions from `first` on, `count` of them: those of the tiers that serve.
  std::unique_ptr<const alias_column[]> columns;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  /// A draw from the columns is all that a pick needs.
  bool is_plain = false;
  /// Nothing is up or warming in any tier.
  bool is_last_resort = false;

  /// On trial in better tiers than those that serve or, policy `ordered`, in these. The best first;
  /// a request tries them before all others.
  std::vector<std::uint32_t> better_trials;
  rendezvous by_key;                                ///< policy hash: of the same positions as `columns`
  std::vector<policy_candidate> policy_candidates;  ///< of the user's policy

  [[nodiscard]] const serving_tier* find_serving(std::uint32_t tier) const noexcept;
  /// Used as if nothing were known of its health, while others serve.
  [[nodiscard]] bool is_in_panic(std::uint32_t position) const noexcept;
  /// The candidate may be chosen by one request at a time.
  [[nodiscard]] bool needs_token(std::uint32_t position) const noexcept;
};

/// Memory that building reuses.
struct snapshot_buffers {
  std::vector<candidate> usable;
  std::vector<std::uint64_t> parts;
  std::vector<std::uint64_t> tier_parts;
  std::vector<double> shares;
  std::vector<std::uint32_t> columns;
};

/// What a snapshot is made of.
struct snapshot_parts {
  std::shared_ptr<const indexed_set> set;
  std::span<const published_health> health;
  std::span<const tier_counts> counts;
  serving_tiers serving;
  shuffle shuffled;
};

/// O(n), and without looking at any name.
[[nodiscard]] std::shared_ptr<const snapshot> build_snapshot(std::uint64_t version, snapshot_parts from,
                                                             const balancer_options& options,
                                                             snapshot_buffers& buffers);

}  // namespace sdconnect::detail
