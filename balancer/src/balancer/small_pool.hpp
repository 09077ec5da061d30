/// \file
/// What is left of the smallest tiers while their order is drawn: running sums in registers.
#pragma once

#include "balancer/candidate.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

namespace sdconnect::detail {

/// Same members as scanned_pool, for up to `size` records. A walk along the running sums ends in a branch that nothing
/// predicts, and which costs as much as the rest of a draw; here all sums are compared, without a branch.
///
/// A positive weight that was taken stays in its place and weighs nothing: its running sum is that of the one before,
/// so that no number falls on it.
class small_pool {
 public:
  static constexpr std::size_t size = 4;

  /// Keeps a reference to the candidates. REQUIRES: no more than `size` of them; zero weights last.
  explicit small_pool(std::span<const candidate> candidates) noexcept : candidates_(candidates.data()) {
    for_each_place([&](std::size_t place) {
      running_[place] = std::numeric_limits<std::uint64_t>::max();
      if (place >= candidates.size()) return;
      const auto [index, weight] = candidates[place];
      if (weight == 0) {
        zeros_[zero_count_++] = index;
        return;
      }
      ++positive_count_;
      total_ += weight;
      running_[place] = total_;
    });
  }

  /// The sum of the weights that are left.
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  [[nodiscard]] std::size_t positive_count() const noexcept { return positive_count_; }
  [[nodiscard]] std::size_t zero_count() const noexcept { return zero_count_; }

  /// Takes the first whose running sum is >= `sum`. REQUIRES: 0 < sum <= total().
  std::uint32_t take_at_running_sum(std::uint64_t sum) noexcept {
    std::size_t taken_place = 0;
    for_each_place([&](std::size_t place) { taken_place += running_[place] < sum ? 1U : 0U; });
    const candidate taken = candidates_[taken_place];
    for_each_place([&](std::size_t place) {
      running_[place] -= taken.weight & (0 - std::uint64_t{running_[place] >= sum});
      asm("" : "+r"(running_[place]));  // no vectors: it stays in its register
    });
    total_ -= taken.weight;
    --positive_count_;
    return taken.index;
  }

  /// Takes the nth of those with a positive weight. REQUIRES: n < positive_count().
  std::uint32_t take_positive(std::uint64_t n) noexcept {
    std::uint64_t sum = 0;
    ++n;
    for_each_place([&](std::size_t place) {
      if (n == 0 || running_[place] == sum) return;  // found, or already taken
      sum = running_[place];
      --n;
    });
    return take_at_running_sum(sum);
  }

  /// Takes the nth of those with weight zero. REQUIRES: n < zero_count().
  std::uint32_t take_zero(std::uint64_t n) noexcept {
    const std::uint32_t index = zeros_[n];
    zeros_[n] = zeros_[--zero_count_];
    return index;
  }

 private:
  /// Unrolled, so that each place is a register.
  template <class Function>
  static void for_each_place(Function function) {
    [&]<std::size_t... Places>(std::index_sequence<Places...>) { (function(Places), ...); }
    (std::make_index_sequence<size>());
  }

  const candidate* candidates_;
  std::size_t positive_count_ = 0;
  std::size_t zero_count_ = 0;
  std::uint64_t total_ = 0;
  std::array<std::uint64_t, size> running_;  // where nobody is: more than any number drawn
  std::array<std::uint32_t, size> zeros_;
};

}  // namespace sdconnect::detail
