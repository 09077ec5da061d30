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
    return sum + 1 < static_cast<std::uint64_t>(nobody);
  }

  /// Keeps a reference to the candidates. REQUIRES: no more than `size` of them; can_hold(); zero weights last.
  explicit vector_pool(std::span<const candidate> candidates) noexcept : candidates_(candidates.data()) {
    std::array<std::int32_t, size> above;
    above.fill(nobody);
    for (std::size_t place = 0; place < candidates.size(); ++place) {
      const auto [index, weight] = candidates[place];
      if (weight == 0) {
        zeros_[zero_count_++] = index;
        continue;
      }
      ++positive_count_;
      above_total_ += weight;
      above[place] = static_cast<std::int32_t>(above_total_);
    }
    for (std::size_t i = 0; i < vectors; ++i) {
      above_[i] = lanes{above[4 * i], above[4 * i + 1], above[4 * i + 2], above[4 * i + 3]};
    }
  }

  /// The sum of the weights that are left.
  [[nodiscard]] std::uint64_t total() const noexcept { return above_total_ - 1; }
  [[nodiscard]] std::size_t positive_count() const noexcept { return positive_count_; }
  [[nodiscard]] std::size_t zero_count() const noexcept { return zero_count_; }

  /// Takes the first whose running sum is >= `sum`. REQUIRES: 0 < sum <= total().
  std::uint32_t take_at_running_sum(std::uint64_t sum) noexcept {
    const auto drawn = static_cast<std::int32_t>(sum);
    const std::array<lanes, vectors> is_behind{above_[0] > drawn, above_[1] > drawn, above_[2] > drawn,
                                               above_[3] > drawn};  // lanes of -1
    // In pairs: each sum waits for less.
    const lanes behind = (is_behind[0] + is_behind[1]) + (is_behind[2] + is_behind[3]);
    const std::ptrdiff_t from_end = (behind[0] + behind[1]) + (behind[2] + behind[3]);
    const candidate taken = candidates_[static_cast<std::ptrdiff_t>(size) + from_end];
    const auto weight = static_cast<std::int32_t>(taken.weight);
    above_[0] -= weight & is_behind[0];
    above_[1] -= weight & is_behind[1];
    above_[2] -= weight & is_behind[2];
    above_[3] -= weight & is_behind[3];
    above_total_ -= taken.weight;
    --positive_count_;
    return taken.index;
  }

  /// Takes the nth of those with a positive weight. REQUIRES: n < positive_count().
  std::uint32_t take_positive(std::uint64_t n) noexcept {
    // A copy, as the members would otherwise have to be in memory all the time.
    const std::array<lanes, vectors> copy{above_[0], above_[1], above_[2], above_[3]};
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
  using lanes __attribute__((vector_size(16))) = std::int32_t;
  static constexpr std::size_t vectors = size / 4;
  static constexpr std::int32_t nobody = std::numeric_limits<std::int32_t>::max();  // more than any number drawn

  const candidate* candidates_;
  std::size_t positive_count_ = 0;
  std::size_t zero_count_ = 0;
  // Running sums and their total, all one more than they are: what is drawn needs no step more to be compared, and the
  // limit of the next draw none to be computed. Each draw waits for the one before.
  std::uint64_t above_total_ = 1;
  std::array<lanes, vectors> above_;
  std::array<std::uint32_t, size> zeros_;
};

}  // namespace sdconnect::detail
