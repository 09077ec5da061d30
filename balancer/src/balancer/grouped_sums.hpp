/// \file
/// Running sums of a tier of middle size, looked up without a branch.
#pragma once

#include "balancer/candidate.hpp"
#include "balancer/lanes.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace sdconnect::detail {

/// In two steps: which group of eight, and which of its records.
class grouped_sums {
 public:
  static constexpr std::size_t size = 128;
  /// Worth drawing from while so much of its weight is left: filling costs little.
  static constexpr std::uint64_t least_eighths_left = 4;

  /// Empty.
  grouped_sums() = default;

  /// Replaces the content. REQUIRES: candidates, all with a weight; no more than `size` of them, whose weights sum
  /// to less than above_all.
  void fill(std::span<const candidate> candidates) noexcept {
    std::array<std::int32_t, group_count> behind;
    behind.fill(above_all);
    std::int32_t sum = 0;
    for (std::size_t group = 0; group * group_size < candidates.size(); ++group) {
      std::span<const candidate> of = candidates.subspan(group * group_size);
      std::array<candidate, group_size> last;
      if (of.size() < group_size) {
        last.fill({});
        std::ranges::copy(of, last.begin());
        of = last;
      }
      const lanes first_half = running_sums(of.data());
      const lanes second_half = running_sums(of.data() + 4) + first_half[3];
      within_[group] = {first_half, second_half};
      before_[group] = sum;
      sum += second_half[3];
      behind[group] = sum;
    }
    behind_ = std::bit_cast<std::array<lanes, group_count / 4>>(behind);
    units_ = static_cast<std::uint64_t>(sum);
  }

  /// All weights together.
  [[nodiscard]] std::uint64_t units() const noexcept { return units_; }

  /// The place of a candidate: each has as many chances as its weight.
  template <class Source>
  [[nodiscard]] std::size_t draw(Source& uniform_below) const {
    const auto unit = static_cast<std::int32_t>(uniform_below(units_));
    std::array<lanes, group_count / 4> is_behind;
    for_each_index<group_count / 4>([&](std::size_t i) { is_behind[i] = behind_[i] > unit; });
    const std::size_t group = first_set(is_behind);
    const std::int32_t unit_within = unit - before_[group];
    const auto& [first_half, second_half] = within_[group];
    const std::array<lanes, 2> is_behind_within{first_half > unit_within, second_half > unit_within};
    return group * group_size + first_set(is_behind_within);
  }

 private:
  static constexpr std::size_t group_size = 8;
  static constexpr std::size_t group_count = size / group_size;

  /// Of four candidates.
  [[nodiscard]] static lanes running_sums(const candidate* of) noexcept {
    std::array<lanes, 2> pairs;
    static_assert(sizeof(pairs) == 4 * sizeof(candidate) && offsetof(candidate, weight) == sizeof(std::int32_t));
    std::memcpy(&pairs, of, sizeof(pairs));
    const lanes weights = __builtin_shufflevector(pairs[0], pairs[1], 1, 3, 5, 7);
    const lanes of_two = weights + __builtin_shufflevector(weights, lanes{}, 4, 0, 1, 2);
    return of_two + __builtin_shufflevector(of_two, lanes{}, 4, 5, 0, 1);
  }

  std::uint64_t units_ = 0;
  std::array<lanes, group_count / 4> behind_;             ///< running sums with each group
  std::array<std::int32_t, group_count> before_;          ///< and without it
  std::array<std::array<lanes, 2>, group_count> within_;  ///< running sums of each group
};

}  // namespace sdconnect::detail
