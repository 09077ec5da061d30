/// \file
/// What is left of a large tier while its order is drawn: running sums in a tree.
#pragma once

#include "balancer/candidate.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Same members as scanned_pool. A node has 8 children: finding a running sum is, on each of the log8(n) levels, one
/// short loop without unpredictable branches, which measured 1.6 times as fast as a Fenwick tree for 1000 candidates.
class tree_pool {
 public:
  /// Empty. Buffers are kept from one fill to the next.
  tree_pool() = default;

  /// Replaces the content; keeps a reference to the candidates. REQUIRES: zero weights last.
  void fill(std::span<const candidate> candidates);

  /// The sum of the weights that are left.
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  [[nodiscard]] std::size_t positive_count() const noexcept { return positive_count_; }
  [[nodiscard]] std::size_t zero_count() const noexcept { return zeros_.size(); }

  /// Takes the first whose running sum is >= `sum`. REQUIRES: 0 < sum <= total().
  std::uint32_t take_at_running_sum(std::uint64_t sum) noexcept;
  /// Takes the nth of those with a positive weight. O(n). REQUIRES: n < positive_count().
  std::uint32_t take_positive(std::uint64_t n) noexcept;
  /// Takes the nth of those with weight zero. REQUIRES: n < zero_count().
  std::uint32_t take_zero(std::uint64_t n) noexcept;

 private:
  static constexpr std::size_t fanout = 8;

  std::uint32_t take_leaf(std::size_t position) noexcept;

  std::span<const candidate> candidates_;  // a leaf of the tree for each positive weight
  std::vector<std::uint32_t> zeros_;       // what is left
  std::vector<std::uint64_t> sums_;        // the levels, leaves first, each padded to full nodes
  std::vector<std::size_t> level_begins_;  // in sums_
  std::size_t positive_count_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace sdconnect::detail
