/// \file
/// Chooses a column of an alias table (Walker; Vose): the innermost step of every pick.
#pragma once

#include "sdconnect/net/random.hpp"

#include <cstdint>
#include <limits>

namespace sdconnect::detail {

/// There is one column for each thing to choose from, and all columns are equally likely. A
/// fraction below `threshold` (in units of 2^-32) chooses the column itself, any other fraction
/// `alias`.
struct alias_column {
  std::uint32_t threshold;
  std::uint32_t alias;
};

/// Draws a column; returns its index or its alias. `Generator` returns uniform 64-bit values and is
/// called once. REQUIRES: count > 0.
template <class Generator>
[[nodiscard]] inline std::uint32_t draw_from_columns(const alias_column* columns, std::uint64_t count,
                                                     Generator& random) noexcept {
  static_assert(Generator::min() == 0 && Generator::max() == std::numeric_limits<std::uint64_t>::max());

  // The high half of the product is a uniform column, the low half a uniform fraction of it.
  const uint128 product = uint128{random()} * count;
  const auto own = static_cast<std::uint32_t>(product >> 64);
  const auto fraction = static_cast<std::uint32_t>(product >> 32);
  const alias_column chosen = columns[own];

  // The CPU would mispredict a branch here half of the time (three times the cost of a pick). The
  // empty asm statement keeps the compiler from turning the mask back into a branch.
  std::uint32_t keeps_own = 0U - static_cast<std::uint32_t>(fraction < chosen.threshold);
  asm("" : "+r"(keeps_own));
  return (own & keeps_own) | (chosen.alias & ~keeps_own);
}

}  // namespace sdconnect::detail
