/// \file
/// What is left of a tier of middle size while its order is drawn: running sums in vector registers.
#pragma once

#include "balancer/candidate.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace sdconnect::detail {

/// As small_pool, for more records of smaller weight: running sums of 32 bits, four to a vector, all of which are
/// compared at once.
class vector_pool {
 public:
  static constexpr std::size_t size = 16;

  /// Whether the weights are small enough.
  [[nodiscard]] static bool can_hold(std::span<const candidate> candidates) noexcept {
    std::uint64_t sum = 0;
    for (const candidate& c : candidates) sum += c.weight;
    return sum < static_cast<std::uint64_t>(nobody);
  }

  /// Keeps a reference to the candidates. REQUIRES: no more than `size` of them; can_hold(); zero weights last.
  explicit vector_pool(std::span<const candidate> candidates) noexcept : candidates_(candidates.data()) {
    std::array<std::int32_t, size> running;
    running.fill(nobody);
    for (std::size_t place = 0; place < candidates.size(); ++place) {
      const auto [index, weight] = candidates[place];
      if (weight == 0) {
        zeros_[zero_count_++] = index;
        continue;
      }
      ++positive_count_;
      total_ += weight;
      running[place] = static_cast<std::int32_t>(total_);
    }
    for (std::size_t i = 0; i < vectors; ++i) {
      running_[i] = lanes{running[4 * i], running[4 * i + 1], running[4 * i + 2], running[4 * i + 3]};
    }
  }

  /// The sum of the weights that are left.
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  [[nodiscard]] std::size_t positive_count() const noexcept { return positive_count_; }
  [[nodiscard]] std::size_t zero_count() const noexcept { return zero_count_; }

  /// Takes the first whose running sum is >= `sum`. REQUIRES: 0 < sum <= total().
  std::uint32_t take_at_running_sum(std::uint64_t sum) noexcept {
    const auto drawn = static_cast<std::int32_t>(sum);
    // In pairs: each sum waits for less.
    const lanes before =
        ((running_[0] < drawn) + (running_[1] < drawn)) + ((running_[2] < drawn) + (running_[3] < drawn));
    const auto place = static_cast<std::size_t>(-((before[0] + before[1]) + (before[2] + before[3])));
    const candidate taken = candidates_[place];
    const auto weight = static_cast<std::int32_t>(taken.weight);
    running_[0] -= weight & (running_[0] >= drawn);
    running_[1] -= weight & (running_[1] >= drawn);
    running_[2] -= weight & (running_[2] >= drawn);
    running_[3] -= weight & (running_[3] >= drawn);
    total_ -= taken.weight;
    --positive_count_;
    return taken.index;
  }

  /// Takes the nth of those with a positive weight. REQUIRES: n < positive_count().
  std::uint32_t take_positive(std::uint64_t n) noexcept {
    const std::array<lanes, vectors> copy{running_[0], running_[1], running_[2], running_[3]};
    const auto running = std::bit_cast<std::array<std::int32_t, size>>(copy);
    std::int32_t sum = 0;  // up to the one found last
    for (std::size_t place = 0;; ++place) {
      if (running[place] == sum) continue;  // already taken
      sum = running[place];
      if (n-- == 0) return take_at_running_sum(static_cast<std::uint64_t>(sum));
    }
  }

  /// Takes the nth of those with weight zero. REQUIRES: n < zero_count().
  std::uint32_t take_zero(std::uint64_t n) noexcept {
    const std::uint32_t index = zeros_[n];
    zeros_[n] = zeros_[--zero_count_];
    return index;
  }

 private:
  using lanes __attribute__((vector_size(16))) = std::int32_t;
  static constexpr std::size_t vectors = size / 4;
  static constexpr std::int32_t nobody = std::numeric_limits<std::int32_t>::max();  // more than any number drawn

  const candidate* candidates_;
  std::size_t positive_count_ = 0;
  std::size_t zero_count_ = 0;
  std::uint64_t total_ = 0;
  std::array<lanes, vectors> running_;
  std::array<std::uint32_t, size> zeros_;
};

}  // namespace sdconnect::detail
