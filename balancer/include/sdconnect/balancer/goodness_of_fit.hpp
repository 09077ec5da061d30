/// \file
/// Whether counted choices agree with the shares they should have.
#pragma once

#include <cstdint>
#include <span>

namespace sdconnect {

/// Pearson's chi-square test: the probability that counts at least this far from `expected_shares`
/// arise by chance. Small values (below 0.001, say) mean that the shares are not what was counted.
///
/// Cells that expect fewer than 5 are pooled into one; if that one still expects fewer than 5, it
/// joins the smallest other cell. With k cells left there are k - 1 degrees of freedom; with one
/// cell, or nothing counted, the result is 1. A count where nothing is expected gives 0. REQUIRES:
/// equal sizes; shares that are not negative and sum to 1. Thread safe.
[[nodiscard]] double chi_square_p(std::span<const std::uint64_t> counts, std::span<const double> expected_shares);

}  // namespace sdconnect
