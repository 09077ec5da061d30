/// \file
/// The draws of draws.hpp with a record of what was drawn. Templates on the source of chance, so that tests can
/// enumerate every outcome.
#pragma once

#include "balancer/draws.hpp"
#include "sdconnect/balancer/selection_trace.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <type_traits>
#include <vector>

namespace sdconnect::detail {

/// Passes on what another source gives, and remembers it.
template <class Source>
struct recording_source {
  struct drawn {
    std::uint64_t below, value;
  };

  Source& from;
  std::vector<drawn> numbers;

  std::uint64_t operator()(std::uint64_t n) { return numbers.emplace_back(drawn{n, from(n)}).value; }
};

/// What the numbers say that a draw asked its source for: see take() of rfc2782_draw and weighted_draw.
template <class Source>
traced_draw read_numbers(const recording_source<Source>& recorded, std::uint64_t total, std::uint64_t least_sum) {
  traced_draw told;
  auto next = recorded.numbers.begin();
  if (total > 0) {
    told.sum = {least_sum, total, least_sum + next->value};
    ++next;
  }
  if (next != recorded.numbers.end()) told.front = {1, next->below, 1 + next->value};
  return told;
}

/// Takes one of the candidates, and tells it. REQUIRES: at least one; zero weights last.
template <class Draw, class Source>
traced_draw take_told(std::span<const candidate> candidates, Source& source) {
  if (candidates.size() == 1) return {.selected = candidates.front().index};  // no draw needed
  constexpr std::uint64_t least_sum = std::is_same_v<Draw, weighted_draw> ? 1 : 0;
  std::vector<candidate> buffer;
  scanned_pool pool(candidates, buffer);
  const std::uint64_t total = pool.total();
  recording_source<Source> recorder{source, {}};
  const std::uint32_t selected = Draw::take(pool, recorder);
  traced_draw told = read_numbers(recorder, total, least_sum);
  told.selected = selected;
  return told;
}

/// The same again and again, until one is selected that is not warming, or that its share of thousandths lets
/// through: so the chance of each is its part of the draw times its share, over the sum of these.
template <class Draw, class Source, class ShareOf>
void take_kept(std::span<const candidate> candidates, const ShareOf& share_of, Source& source,
               std::vector<traced_draw>& draws) {
  do {
    traced_draw& told = draws.emplace_back(take_told<Draw>(candidates, source));
    const std::uint64_t share = candidates.size() == 1 ? 1000 : share_of(told.selected);
    if (share >= 1000) continue;
    told.warming = {0, 999, source(1000)};
    told.is_kept = told.warming->number < share;
  } while (!draws.back().is_kept);
}

/// RFC 2782 "Weight": zero weights first, the rest in any order, running sums from the front. What `told` selected by
/// its place in front is put there.
inline std::vector<traced_candidate> arranged(std::span<const candidate> candidates, const traced_draw& told) {
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

}  // namespace sdconnect::detail
