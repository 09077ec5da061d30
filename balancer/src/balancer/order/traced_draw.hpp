/// \file
/// Reconstructs the shuffle that belongs to a draw of draws.hpp.
#pragma once

#include "balancer/order/candidate.hpp"
#include "sdconnect/balancer/selection_trace.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Returns the shuffle by RFC 2782 "Weight": zero weights first, the rest in any order, running
/// sums from the front. If `told` selected a candidate by its place in front, puts it there.
inline std::vector<traced_candidate> shuffled(std::span<const candidate> candidates, const traced_draw& told) {
  std::vector<candidate> order(candidates.begin(), candidates.end());
  std::stable_partition(order.begin(), order.end(), [](const candidate& c) { return c.weight == 0; });
  if (told.front) {
    const auto selected = std::ranges::find(order, told.selected, &candidate::index);
    std::rotate(order.begin(), selected, std::next(selected));
  }
  std::vector<traced_candidate> result;
  std::uint64_t running_sum = 0;
  for (const candidate& c : order) result.push_back({.index = c.index, .running_sum = running_sum += c.weight});
  return result;
}

/// Returns what trace_selection would have returned for an order that was drawn elsewhere. `steps`
/// are those of that order; empty: they are not known. `chosen` is an index into `endpoints`.
[[nodiscard]] selection_trace trace_of_order(std::span<const endpoint> endpoints, selection_policy policy,
                                             const selection_input& input, std::span<const traced_draw> steps,
                                             std::uint32_t chosen);

}  // namespace sdconnect::detail
