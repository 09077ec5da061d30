/// \file
/// The order of large tiers: a table that rounds nothing, and passing over what was taken.
#include "balancer/thinning.hpp"

#include "balancer/draws.hpp"
#include "sdconnect/balancer/goodness_of_fit.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "unit/balancer/candidates.hpp"
#include "unit/balancer/endpoints.hpp"
#include "unit/balancer/order_oracle.hpp"

#include <boost/rational.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using test::candidates_of;
using test::distribution;
using test::order;
using test::rfc2782_orders;
using test::weight_set;
using test::weighted_orders;

TEST_CASE("exact_alias_table: each record has exactly its share of columns and units", "[balancer]") {
  for (const weight_set& weights :
       {weight_set{1}, {1, 1}, {7, 1}, {1, 2, 3}, {65, 1, 1, 1}, {3, 3, 3, 3, 3}, {10, 20, 30, 1, 1, 500}}) {
    CAPTURE(weights);
    exact_alias_table table;
    table.fill(candidates_of({9, 9, 9, 9, 9, 9, 9}));  // what was there before plays no part
    table.fill(candidates_of(weights));
    REQUIRE(table.columns() == weights.size());
    std::vector<std::uint64_t> counts(weights.size());
    for (std::uint64_t column = 0; column < table.columns(); ++column) {
      for (std::uint64_t unit = 0; unit < table.units(); ++unit) ++counts[table.at(column, unit)];
    }
    for (std::size_t i = 0; i < weights.size(); ++i) CHECK(counts[i] == weights[i] * weights.size());
  }
}

TEST_CASE("exact_alias_table: knows what it cannot hold", "[balancer][rfc-check-41][fault-S2]") {
  CHECK(exact_alias_table::can_hold(1, 0xffffffffffffffff));
  CHECK(exact_alias_table::can_hold(1 << 16, 0xffffffffffff));
  CHECK_FALSE(exact_alias_table::can_hold(1 << 16, 0x1000000000000));
}

/// Passing over what was taken has no end that could be enumerated, so this counts.
template <class Draw>
double thinned_p(const weight_set& weights, const distribution& chances) {
  const std::vector<candidate> candidates = candidates_of(weights);
  thinning_buffers buffers;
  std::vector<candidate> scanned;
  std::map<order, std::uint64_t> counted;
  random_engine random(2782);  // fixed: a right program would fail for one seed in a thousand, per set
  engine_source source{random};
  for (int i = 0; i < 200'000; ++i) {
    order drawn(weights.size());
    thinning<Draw::has_draw_of_zero> thinned(candidates, buffers);
    const auto count = static_cast<std::size_t>(thinned.draw(1, source, drawn.data()) - drawn.data());
    scanned_pool pool(thinned.rest(), scanned);
    draw_all<Draw>(pool, source, std::span(drawn).subspan(count));
    ++counted[drawn];
  }
  std::vector<std::uint64_t> counts;
  std::vector<double> shares;
  for (const auto& [drawn, its_chance] : chances) {
    counts.push_back(std::exchange(counted[drawn], 0));
    shares.push_back(boost::rational_cast<double>(its_chance));
  }
  for (const auto& [drawn, count] : counted) REQUIRE(count == 0);  // nothing that has no chance
  return chi_square_p(counts, shares);
}

TEST_CASE("thinning: orders have the chances that the text gives them",
          "[balancer][rfc2782][rfc-check-38][rfc-check-39]"
          "[rfc-check-41]") {
  for (const weight_set& weights :
       {weight_set{1, 2, 3, 4}, {1, 1, 1, 50}, {20, 0, 1, 0, 3}, {1, 1, 1, 1, 1}, {0, 100, 7, 1}}) {
    CAPTURE(weights);
    CHECK(thinned_p<rfc2782_draw>(weights, rfc2782_orders(weights)) > 0.001);
    CHECK(thinned_p<weighted_draw>(weights, weighted_orders(weights)) > 0.001);
  }
}

TEST_CASE("order_drawer: weights of every magnitude in one large tier are all in its order, heavy before light",
          "[balancer][rfc-check-41][fault-S2]") {
  weight_set weights(3200);
  for (std::uint32_t i = 0; i < weights.size(); ++i) weights[i] = 1U << (i % 32);
  order_drawer drawer(test::make_tier(weights), selection_policy::rfc2782);
  random_engine random(1);
  const std::span<const std::uint32_t> drawn = drawer.draw(random);
  order sorted(drawn.begin(), drawn.end()), all(weights.size());
  std::ranges::sort(sorted);
  std::iota(all.begin(), all.end(), 0U);
  CHECK(sorted == all);
  // In front of one of the heaviest stand on average 50 of its like, and of those that weigh 2^-k of it
  // 100 / (1 + 2^k): 126 in all. With the lightest it is the other way round.
  double first = 0, last = 0;
  for (std::size_t at = 0; at < drawn.size(); ++at) {
    if (drawn[at] % 32 == 31) first += static_cast<double>(at) / 100;
    if (drawn[at] % 32 == 0) last += static_cast<double>(at) / 100;
  }
  CHECK(first < 200);
  CHECK(last > 3000);
}

}  // namespace
