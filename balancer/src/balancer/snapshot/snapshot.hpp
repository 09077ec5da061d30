/// \file
/// The data that picks read: immutable, published anew whenever DNS or health changes something.
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

/// Policy `ordered`: this client's own order of equal endpoints, as positions by place. Null: the
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

  /// Probabilities of `count` positions from `first` on: those of the tiers that serve.
  std::unique_ptr<const alias_column[]> columns;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  /// True if a pick needs only a draw from the columns.
  bool is_plain = false;
  /// True if nothing is up or warming in any tier.
  bool is_last_resort = false;

  /// Endpoints on trial in better tiers than those that serve, or for policy `ordered` in these
  /// too; in all tiers if `is_last_resort`. The best first; a request tries them before all others.
  std::vector<std::uint32_t> better_trials;
  rendezvous by_key;                                ///< policy hash: for the same positions as `columns`
  std::vector<policy_candidate> policy_candidates;  ///< for a user-defined policy

  [[nodiscard]] const serving_tier* find_serving(std::uint32_t tier) const noexcept;
  /// True if the endpoint's tier serves with its health ignored (panic), but not as the last
  /// resort.
  [[nodiscard]] bool is_in_panic(std::uint32_t position) const noexcept;
  /// True if only one request at a time may choose the candidate.
  [[nodiscard]] bool needs_token(std::uint32_t position) const noexcept;
};

/// Memory that build_snapshot reuses.
struct snapshot_buffers {
  std::vector<candidate> usable;
  std::vector<std::uint64_t> parts;
  std::vector<std::uint64_t> tier_parts;
  std::vector<double> shares;
  std::vector<std::uint32_t> columns;
};

/// The input of build_snapshot.
struct snapshot_parts {
  std::shared_ptr<const indexed_set> set;
  std::span<const published_health> health;
  std::span<const tier_counts> counts;
  serving_tiers serving;
  shuffle shuffled;
};

/// Builds a snapshot. O(n), without access to any name.
[[nodiscard]] std::shared_ptr<const snapshot> build_snapshot(std::uint64_t version, snapshot_parts from,
                                                             const balancer_options& options,
                                                             snapshot_buffers& buffers);

}  // namespace sdconnect::detail
