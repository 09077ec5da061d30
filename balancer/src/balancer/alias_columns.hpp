/// \file
/// Builds alias tables.
#pragma once

#include "sdconnect/balancer/alias_table.hpp"
#include "sdconnect/balancer/random.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Memory that building a table reuses.
struct alias_buffers {
  std::vector<std::uint32_t> waiting;
  std::vector<uint128> wide;
};

/// Makes parts[i] / whole the chance of column i, rounded to 2^-32, never to zero. Uses `parts` up. O(n).
/// REQUIRES: parts that sum to `whole`; as many columns; fewer than 2^32 - 1.
void fill_columns(std::span<std::uint64_t> parts, uint128 whole, alias_buffers& buffers,
                  std::span<alias_column> columns);

}  // namespace sdconnect::detail
