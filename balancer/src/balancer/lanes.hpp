/// \file
/// Running sums of 32 bits, four to a vector register, all of which are compared at once.
#pragma once

#include "balancer/candidate.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sdconnect::detail {

using lanes __attribute__((vector_size(16))) = std::int32_t;

/// More than any number drawn.
inline constexpr std::int32_t above_all = std::numeric_limits<std::int32_t>::max();

/// Whether the sum of all weights is small enough: with one more, for a draw of 0, it is still below what no number
/// drawn reaches.
[[nodiscard]] constexpr bool fits_lanes(std::uint64_t sum) noexcept {
  return sum + 1 < static_cast<std::uint64_t>(above_all);
}
[[nodiscard]] inline bool sums_fit_lanes(std::span<const candidate> candidates) noexcept {
  std::uint64_t sum = 0;
  for (const candidate& c : candidates) sum += c.weight;
  return fits_lanes(sum);
}

/// Calls `function` with 0 to Count - 1, unrolled: an array that it indexes can then stay in registers.
template <std::size_t Count, class Function>
inline void for_each_index(Function function) {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) { (function(Index), ...); }
  (std::make_index_sequence<Count>());
}

/// first_set for any processor.
template <std::size_t Count>
[[nodiscard]] inline std::size_t first_set_by_counting(const std::array<lanes, Count>& masks) noexcept {
  lanes set{};
  for (const lanes& mask : masks) set -= mask;
  return 4 * Count - static_cast<std::size_t>((set[0] + set[1]) + (set[2] + set[3]));
}

/// The first lane of -1 among `masks`, which comparisons with ascending numbers made: from there on all lanes are -1,
/// before it they are 0. REQUIRES: there is one.
template <std::size_t Count>
[[nodiscard]] inline std::size_t first_set(const std::array<lanes, Count>& masks) noexcept {
  static_assert(Count == 1 || Count == 2 || Count == 4);
#ifdef __SSE2__
  const auto mask = [&](std::size_t i) { return std::bit_cast<__m128i>(masks[i]); };
  __m128i packed;  // each lane in 4 / Count bytes
  if constexpr (Count == 1) {
    packed = mask(0);
  } else if constexpr (Count == 2) {
    packed = _mm_packs_epi32(mask(0), mask(1));
  } else {
    packed = _mm_packs_epi16(_mm_packs_epi32(mask(0), mask(1)), _mm_packs_epi32(mask(2), mask(3)));
  }
  // Not std::countr_zero, which has to ask for zero first.
  return static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(_mm_movemask_epi8(packed)))) * Count / 4;
#else
  return first_set_by_counting(masks);
#endif
}

}  // namespace sdconnect::detail
