/// \file
/// What is left of a small tier while its order is drawn: running sums in vector registers.
#pragma once

#include "balancer/candidate.hpp"
#include "balancer/lanes.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sdconnect::detail {

/// Same members as scanned_pool, for up to `size` records. A walk along the running sums ends in a branch that nothing
/// predicts, and which costs as much as the rest of a draw; here all sums are compared, without a branch.
///
/// A positive weight that was taken stays in its place and weighs nothing: its running sum is that of the one before,
/// so that no number falls on it.
template <std::size_t Vectors>
class vector_pool {
 public:
  static constexpr std::size_t size = 4 * Vectors;

  /// Keeps a reference to the candidates. REQUIRES: no more than `size` of them; sums_fit_lanes(); zero weights last.
  explicit vector_pool(std::span<const candidate> candidates) noexcept : candidates_(candidates.data()) {
    for_each_index<Vectors>([&](std::size_t i) {
      above_[i] = lanes{running_sum_at(4 * i, candidates), running_sum_at(4 * i + 1, candidates),
                        running_sum_at(4 * i + 2, candidates), running_sum_at(4 * i + 3, candidates)};
    });
  }

  /// The sum of the weights that are left.
  [[nodiscard]] std::uint64_t total() const noexcept { return above_total_ - 1; }
  [[nodiscard]] std::size_t positive_count() const noexcept { return positive_count_; }
  [[nodiscard]] std::size_t zero_count() const noexcept { return zero_count_; }

  /// Takes the first whose running sum is >= `sum`. REQUIRES: 0 < sum <= total().
  std::uint32_t take_at_running_sum(std::uint64_t sum) noexcept {
    const auto drawn = static_cast<std::int32_t>(sum);
    std::array<lanes, Vectors> is_behind;
    for_each_index<Vectors>([&](std::size_t i) { is_behind[i] = above_[i] > drawn; });
    const candidate taken = candidates_[first_set(is_behind)];
    const auto weight = static_cast<std::int32_t>(taken.weight);
    for_each_index<Vectors>([&](std::size_t i) { above_[i] -= weight & is_behind[i]; });
    above_total_ -= taken.weight;
    --positive_count_;
    return taken.index;
  }

  /// Takes the nth of those with a positive weight. REQUIRES: n < positive_count().
  std::uint32_t take_positive(std::uint64_t n) noexcept {
    // A copy, as the members would otherwise have to be in memory all the time.
    const std::array<lanes, Vectors> copy = above_;
    const auto above = std::bit_cast<std::array<std::int32_t, size>>(copy);
    std::int32_t found = 1;
    for (std::size_t place = 0;; ++place) {
      if (above[place] == found) continue;  // already taken
      found = above[place];
      if (n-- == 0) return take_at_running_sum(static_cast<std::uint64_t>(found) - 1);
    }
  }

  /// Takes the nth of those with weight zero. REQUIRES: n < zero_count().
  std::uint32_t take_zero(std::uint64_t n) noexcept {
    const std::uint32_t index = zeros_[n];
    zeros_[n] = zeros_[--zero_count_];
    return index;
  }

 private:
  std::int32_t running_sum_at(std::size_t place, std::span<const candidate> candidates) noexcept {
    if (place >= candidates.size()) return above_all;
    const auto [index, weight] = candidates[place];
    if (weight == 0) {
      zeros_[zero_count_++] = index;
      return above_all;
    }
    ++positive_count_;
    above_total_ += weight;
    return static_cast<std::int32_t>(above_total_);
  }

  const candidate* candidates_;
  std::size_t positive_count_ = 0;
  std::size_t zero_count_ = 0;
  // Running sums and their total, all one more than they are: what is drawn needs no step more to be compared, and the
  // limit of the next draw none to be computed. Each draw waits for the one before.
  std::uint64_t above_total_ = 1;
  std::array<lanes, Vectors> above_;
  std::array<std::uint32_t, size> zeros_;
};

}  // namespace sdconnect::detail
