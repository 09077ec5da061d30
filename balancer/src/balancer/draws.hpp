/// \file
/// One draw from what is left of a tier. Templates on the source of chance, so that tests can enumerate every outcome.
#pragma once

#include "balancer/draw_buffers.hpp"
#include "balancer/scanned_pool.hpp"
#include "balancer/small_pool.hpp"
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

/// Below it, a walk along the running sums is faster than to compare all of them.
constexpr std::size_t least_for_vectors = 10;
/// Up to here a walk along the running sums is faster than thinning out first.
constexpr std::size_t scan_limit = 128;
/// What thinning leaves to the walk.
constexpr std::size_t thinned_size = 48;

/// All in one function, so that the pool and the generator stay in registers. REQUIRES: no more than Pool::size.
template <class Draw, class Pool>
[[gnu::flatten]] void draw_small(std::span<const candidate> candidates, random_engine& random,
                                 std::span<std::uint32_t> order) {
  random_engine local = random;
  engine_source source{local};
  Pool pool(candidates);
  draw_all<Draw>(pool, source, order);
  random = local;
}

/// A walk for all but the last few. REQUIRES: more candidates than small_pool::size.
template <class Draw, class Source>
void draw_scanned(std::span<const candidate> candidates, std::vector<candidate>& buffer, Source& source,
                  std::span<std::uint32_t> order) {
  scanned_pool pool(candidates, buffer);
  for (std::uint32_t& next : order.first(order.size() - small_pool::size)) next = Draw::take(pool, source);
  const std::array<candidate, small_pool::size> last = pool.last<small_pool::size>();
  small_pool small(last);
  draw_all<Draw>(small, source, order.last(small_pool::size));
}

/// REQUIRES: positive weights in their place, as many as exact_alias_table can hold; zero weights last.
template <class Draw, class Source>
void draw_thinned(std::span<const candidate> candidates, draw_buffers& buffers, Source& source,
                  std::span<std::uint32_t> order) {
  thinning<Draw::has_draw_of_zero> thinned(candidates, buffers.thinned);
  const std::uint32_t* end = thinned.draw(thinned_size, source, order.data());
  draw_scanned<Draw>(thinned.rest(), buffers.scanned, source,
                     order.subspan(static_cast<std::size_t>(end - order.data())));
}

/// All methods are exact, and none depends on the order of its input but for the numbers it draws.
/// REQUIRES: zero weights last; at least one candidate; as many places in `order`.
template <class Draw>
void draw_order(std::span<const candidate> candidates, draw_buffers& buffers, random_engine& random,
                std::span<std::uint32_t> order) {
  if (candidates.size() <= small_pool::size) return draw_small<Draw, small_pool>(candidates, random, order);
  const bool fits_vectors = candidates.size() >= least_for_vectors && candidates.size() <= vector_pool::size;
  if (fits_vectors && vector_pool::can_hold(candidates)) {
    return draw_small<Draw, vector_pool>(candidates, random, order);
  }
  random_engine local = random;  // in registers
  engine_source source{local};
  if (candidates.size() <= scan_limit || positive_count(candidates) <= scan_limit) {
    draw_scanned<Draw>(candidates, buffers.scanned, source, order);
  } else if (exact_alias_table::can_hold(candidates.size() + 1, std::uint64_t{0xffffffff} * candidates.size())) {
    draw_thinned<Draw>(candidates, buffers, source, order);
  } else {
    buffers.tree.fill(candidates);
    draw_all<Draw>(buffers.tree, source, order);
  }
  random = local;
}

}  // namespace sdconnect::detail
