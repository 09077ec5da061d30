/// \file
/// Builds the alias tables of picks.
#pragma once

#include "sdconnect/balancer/alias_table.hpp"
#include "sdconnect/net/random.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Gives column i the probability parts[i] / whole, rounded to 2^-32, never to zero. O(n). Reuses
/// the memory of `buffer` from call to call. REQUIRES: parts that sum to `whole`; as many columns
/// as parts; fewer than 2^32 - 1.
void make_alias_columns(std::span<const std::uint64_t> parts, uint128 whole, std::vector<std::uint32_t>& buffer,
                        std::span<alias_column> columns);

}  // namespace sdconnect::detail
