/// \file
/// What is left of a small tier while its order is drawn: a walk along the running sums.
#pragma once

#include "balancer/candidate.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Same members as tree_pool.
class scanned_pool {
 public:
  /// Works on `buffer`, which must outlive it. REQUIRES: zero weights last.
  scanned_pool(std::span<const candidate> candidates, std::vector<candidate>& buffer) {
    buffer.resize(candidates.size());
    positives_ = buffer.data();
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      positives_[i] = candidates[i];
      total_ += candidates[i].weight;
      positive_count_ += candidates[i].weight > 0 ? 1U : 0U;
    }
    zeros_ = positives_ + positive_count_;
    zero_count_ = buffer.size() - positive_count_;
  }

  /// The sum of the weights that are left.
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  [[nodiscard]] std::size_t positive_count() const noexcept { return positive_count_; }
  [[nodiscard]] std::size_t zero_count() const noexcept { return zero_count_; }

  /// Takes the first whose running sum is >= `sum`. REQUIRES: 0 < sum <= total().
  std::uint32_t take_at_running_sum(std::uint64_t sum) noexcept {
    std::size_t n = 0;
    while (sum > positives_[n].weight) sum -= positives_[n++].weight;
    return take_positive(n);
  }

  /// Takes the nth of those with a positive weight. REQUIRES: n < positive_count().
  std::uint32_t take_positive(std::uint64_t n) noexcept {
    total_ -= positives_[n].weight;
    --positive_count_;
    return take(positives_, n);
  }

  /// Takes the nth of those with weight zero. REQUIRES: n < zero_count().
  std::uint32_t take_zero(std::uint64_t n) noexcept {
    --zero_count_;
    return take(zeros_, n);
  }

  /// What is left, zero weights last. REQUIRES: as many places.
  void copy_left_to(std::span<candidate> places) const noexcept {
    std::copy_n(zeros_, zero_count_, std::copy_n(positives_, positive_count_, places.begin()));
  }

 private:
  /// The first of the range fills the gap.
  static std::uint32_t take(candidate*& range, std::uint64_t n) noexcept {
    const std::uint32_t index = range[n].index;
    range[n] = range[0];
    ++range;
    return index;
  }

  candidate* positives_;
  candidate* zeros_;
  std::size_t positive_count_ = 0;
  std::size_t zero_count_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace sdconnect::detail
