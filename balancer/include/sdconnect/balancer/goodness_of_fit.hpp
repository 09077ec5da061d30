/// \file
/// Tests whether counted choices agree with the shares they should have.
#pragma once

#include <cstdint>
#include <span>

namespace sdconnect {

/// Pearson's chi-square test: returns the probability that counts at least this far from
/// `expected_shares` arise by chance. A small value (below 0.001, say) means that the counts do not
/// fit the shares.
///
/// Cells that expect fewer than 5 are pooled into one; if the pool still expects fewer than 5, it
/// joins the smallest other cell. With k cells left there are k - 1 degrees of freedom. Returns 1
/// with one cell or if nothing was counted, and 0 if a cell that expects nothing has a count.
/// REQUIRES: equal sizes; shares that are not negative and sum to 1. Thread safe.
[[nodiscard]] double chi_square_p(std::span<const std::uint64_t> counts, std::span<const double> expected_shares);

}  // namespace sdconnect
