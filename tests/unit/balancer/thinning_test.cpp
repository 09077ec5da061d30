/// \file
/// The order of tiers that are not small: tables that round nothing, and passing over what was taken.
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
#include <array>
#include <cstddef>
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

TEST_CASE("grouped_sums: each record has as many units as its weight", "[balancer]") {
  // One, one group, on both sides of where another begins, and all of them.
  const std::size_t size = GENERATE(1U, 7U, 8U, 9U, 16U, 100U, 127U, 128U);
  CAPTURE(size);
  weight_set weights(size);
  for (std::uint32_t i = 0; i < size; ++i) weights[i] = 1 + i * 7 % 30;
  grouped_sums table;
  table.fill(candidates_of(weight_set(128, 9)));  // what was there before plays no part
  table.fill(candidates_of(weights));
  std::uint64_t unit = 0;
  const auto next_unit = [&](std::uint64_t n) {
    CHECK(n == table.units());
    return unit;
  };
  for (std::size_t place = 0; place < size; ++place) {
    for (std::uint32_t i = 0; i < weights[place]; ++i, ++unit) REQUIRE(table.draw(next_unit) == place);
  }
  CHECK(unit == table.units());
}

TEMPLATE_TEST_CASE_SIG("first_set: where the masks begin, with and without instructions of this processor",
                       "[balancer]", ((std::size_t Count), Count), 1, 2, 4) {
  for (std::size_t first = 0; first < 4 * Count; ++first) {
    std::array<lanes, Count> masks{};
    for (std::size_t lane = first; lane < 4 * Count; ++lane) masks[lane / 4][lane % 4] = -1;
    CHECK(first_set(masks) == first);
    CHECK(first_set_by_counting(masks) == first);
  }
}

TEST_CASE("lanes: sums up to their limit are held, and one unit more for a draw of 0", "[balancer][rfc-check-41]") {
  constexpr std::uint32_t most = 0x7ffffffd;
  CHECK(fits_lanes(most));
  CHECK_FALSE(fits_lanes(most + 1));
  const std::vector<candidate> candidates{{0, most - 3}, {1, 2}, {2, 1}};
  REQUIRE(sums_fit_lanes(candidates));
  for (const auto& [sum, index] : {std::pair{most - 3, 0U}, {most - 2, 1U}, {most - 1, 1U}, {most, 2U}}) {
    CHECK(vector_pool<1>(candidates).take_at_running_sum(sum) == index);
  }
  std::vector<candidate> with_zero = candidates;
  with_zero.push_back({3, 1});
  grouped_sums table;
  table.fill(with_zero);
  for (const auto& [unit, place] : {std::pair{most - 4, 0U}, {most - 3, 1U}, {most - 1, 2U}, {most, 3U}}) {
    const auto next_unit = [unit = unit](std::uint64_t) { return std::uint64_t{unit}; };
    CHECK(table.draw(next_unit) == place);
  }
}

/// Passing over what was taken has no end that could be enumerated, so this counts.
template <class Draw, class Table>
double thinned_p(const weight_set& weights, const distribution& chances) {
  const std::vector<candidate> candidates = candidates_of(weights);
  thinning_buffers<Table> buffers;
  std::vector<candidate> scanned;
  std::map<order, std::uint64_t> counted;
  random_engine random(2782);  // fixed: a right program would fail for one seed in a thousand, per set
  engine_source source{random};
  for (int i = 0; i < 200'000; ++i) {
    order drawn(weights.size());
    thinning<Draw::has_draw_of_zero, Table> thinned(candidates, buffers);
    const std::size_t count = thinned.draw(1, source, drawn);
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

TEMPLATE_TEST_CASE("thinning: orders have the chances that the text gives them",
                   "[balancer][rfc2782][rfc-check-38][rfc-check-39][rfc-check-41]", exact_alias_table, grouped_sums) {
  for (const weight_set& weights :
       {weight_set{1, 2, 3, 4}, {1, 1, 1, 50}, {20, 0, 1, 0, 3}, {1, 1, 1, 1, 1}, {0, 100, 7, 1}}) {
    CAPTURE(weights);
    CHECK(thinned_p<rfc2782_draw, TestType>(weights, rfc2782_orders(weights)) > 0.001);
    CHECK(thinned_p<weighted_draw, TestType>(weights, weighted_orders(weights)) > 0.001);
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
