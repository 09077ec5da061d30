/// \file
/// One draw from what is left of a tier. Templates on the source of chance, so that tests can enumerate every outcome.
#pragma once

#include "balancer/draw_buffers.hpp"
#include "balancer/exact_alias_table.hpp"
#include "balancer/grouped_sums.hpp"
#include "balancer/scanned_pool.hpp"
#include "balancer/thinning.hpp"
#include "balancer/tree_pool.hpp"
#include "balancer/vector_pool.hpp"
#include "sdconnect/balancer/random.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// The source of chance in production. A source gives a uniform value in 0 .. n - 1 for n > 0.
struct engine_source {
  random_engine& random;
  std::uint64_t operator()(std::uint64_t n) const { return uniform_below(random, n); }
};

/// RFC 2782 "Weight":
///   1. Arrange the records in any order, except that those with weight 0 come first. Arranged anew for each draw.
///   2. Compute the running sums; draw a uniform integer from 0 to the sum of the weights, both included.
///   3. Select the first record whose running sum is greater than or equal to it.
/// A draw of 0 thus falls on whichever record comes first: any zero weight with equal chance, or without one any
/// record with equal chance. All other draws fall on the positive weights in proportion, whatever their arrangement.
/// So nothing needs to be shuffled.
struct rfc2782_draw {
  static constexpr bool has_draw_of_zero = true;

  template <class Pool, class Source>
  static std::uint32_t take(Pool& pool, Source& uniform_below) {
    const std::uint64_t sum = pool.total() == 0 ? 0 : uniform_below(pool.total() + 1);   // 2.
    if (sum > 0) return pool.take_at_running_sum(sum);                                   // 3.
    if (pool.zero_count() > 0) return pool.take_zero(uniform_below(pool.zero_count()));  // 1.
    return pool.take_positive(uniform_below(pool.positive_count()));                     // 1.
  }
};

/// In proportion to the weights; what has none comes last, in any order.
struct weighted_draw {
  static constexpr bool has_draw_of_zero = false;

  template <class Pool, class Source>
  static std::uint32_t take(Pool& pool, Source& uniform_below) {
    if (pool.total() > 0) return pool.take_at_running_sum(1 + uniform_below(pool.total()));
    return pool.take_zero(uniform_below(pool.zero_count()));
  }
};

/// RFC 2782 "Weight": "continue the process until there are no unordered SRV RRs". The last one needs no draw.
template <class Draw, class Pool, class Source>
void draw_all(Pool& pool, Source& source, std::span<std::uint32_t> order) {
  for (std::uint32_t& next : order.first(order.size() - 1)) next = Draw::take(pool, source);
  order.back() = pool.zero_count() > 0 ? pool.take_zero(0) : pool.take_positive(0);
}

inline std::size_t positive_count(std::span<const candidate> candidates) {
  const auto first_zero = std::ranges::partition_point(candidates, [](const candidate& c) { return c.weight > 0; });
  return static_cast<std::size_t>(first_zero - candidates.begin());
}

/// Up to here all running sums are compared at once.
constexpr std::size_t vector_limit = 16;
/// From here on thinning out is faster than a walk along the running sums.
constexpr std::size_t least_for_groups = 48;

/// One function (flatten: with all that it calls), so that the pool and the generator stay in registers. REQUIRES: no
/// more than Pool::size.
template <class Draw, class Pool>
[[gnu::flatten]] void draw_in_registers(std::span<const candidate> candidates, random_engine& random,
                                        std::span<std::uint32_t> order) {
  random_engine local = random;
  engine_source source{local};
  Pool pool(candidates);
  draw_all<Draw>(pool, source, order);
  random = local;
}

/// A walk along the running sums, for all but the last few where their sum is small enough. REQUIRES: at least so many.
template <class Draw, class LastPool = vector_pool<vector_limit / 4>, class Source>
void draw_scanned(std::span<const candidate> candidates, std::vector<candidate>& buffer, Source& source,
                  std::span<std::uint32_t> order) {
  scanned_pool pool(candidates, buffer);
  if (!fits_lanes(pool.total())) return draw_all<Draw>(pool, source, order);
  for (std::uint32_t& next : order.first(order.size() - LastPool::size)) next = Draw::take(pool, source);
  std::array<candidate, LastPool::size> last;
  pool.copy_left_to(last);
  LastPool last_pool(last);
  draw_all<Draw>(last_pool, source, order.last(LastPool::size));
}

/// Not in line with what comes before it, which has too few registers as it is. REQUIRES: fewer positive weights than
/// grouped_sums::size, but at least vector_limit candidates where their sum fits lanes; zero weights last.
template <class Draw>
[[gnu::flatten, gnu::noinline]] void draw_middle(std::span<const candidate> candidates, draw_buffers& buffers,
                                                 random_engine& random, std::span<std::uint32_t> order) {
  random_engine local = random;
  engine_source source{local};
  if (positive_count(candidates) >= least_for_groups && sums_fit_lanes(candidates)) {
    thinning<Draw::has_draw_of_zero, grouped_sums> thinned(candidates, buffers.grouped);
    order = order.subspan(thinned.draw(vector_limit, source, order));
    candidates = thinned.rest();
  }
  draw_scanned<Draw>(candidates, buffers.scanned, source, order);
  random = local;
}

/// REQUIRES: at least grouped_sums::size positive weights; exact_alias_table can hold them and one unit more; zero
/// weights last.
template <class Draw>
[[gnu::flatten]] void draw_large(std::span<const candidate> candidates, draw_buffers& buffers, random_engine& random,
                                 std::span<std::uint32_t> order) {
  random_engine local = random;
  engine_source source{local};
  thinning<Draw::has_draw_of_zero, exact_alias_table> thinned(candidates, buffers.thinned);
  order = order.subspan(thinned.draw(grouped_sums::size - 1, source, order));
  random = local;
  draw_middle<Draw>(thinned.rest(), buffers, random, order);
}

/// Not in line: the few that draw_order sees most often need none of its registers.
template <class Draw>
[[gnu::noinline]] void draw_beyond_registers(std::span<const candidate> candidates, draw_buffers& buffers,
                                             random_engine& random, std::span<std::uint32_t> order) {
  const std::size_t count = candidates.size();
  if (positive_count(candidates) < grouped_sums::size) return draw_middle<Draw>(candidates, buffers, random, order);
  if (exact_alias_table::can_hold(count + 1, std::uint64_t{0xffffffff} * count)) {
    return draw_large<Draw>(candidates, buffers, random, order);
  }
  engine_source source{random};
  buffers.tree.fill(candidates);
  draw_all<Draw>(buffers.tree, source, order);
}

/// All methods are exact, and none depends on the order of its input but for the numbers it draws.
/// REQUIRES: zero weights last; at least one candidate; as many places in `order`.
template <class Draw>
void draw_order(std::span<const candidate> candidates, draw_buffers& buffers, random_engine& random,
                std::span<std::uint32_t> order) {
  if (candidates.size() > vector_limit || !sums_fit_lanes(candidates)) {
    return draw_beyond_registers<Draw>(candidates, buffers, random, order);
  }
  if (candidates.size() <= 4) return draw_in_registers<Draw, vector_pool<1>>(candidates, random, order);
  if (candidates.size() <= 8) return draw_in_registers<Draw, vector_pool<2>>(candidates, random, order);
  draw_in_registers<Draw, vector_pool<4>>(candidates, random, order);
}

}  // namespace sdconnect::detail
