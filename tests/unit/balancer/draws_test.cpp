/// \file
/// The draws against an independent reading of RFC 2782: every outcome is enumerated, with its exact chance.
#include "balancer/draws.hpp"

#include "sdconnect/balancer/selection.hpp"
#include "unit/balancer/candidates.hpp"
#include "unit/balancer/endpoints.hpp"
#include "unit/balancer/enumerating_source.hpp"
#include "unit/balancer/order_oracle.hpp"
#include "unit/balancer/selection_oracle.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using test::candidates_of;
using test::chance;
using test::distribution;
using test::enumerating_source;
using test::first_choice_formula;
using test::order;
using test::rfc2782_orders;
using test::small_sets;
using test::weight_set;
using test::weighted_orders;

/// All orders that `draw(candidates, source, order)` makes of these weights.
template <class DrawInto>
distribution enumerated(const weight_set& weights, DrawInto draw) {
  const std::vector<candidate> candidates = candidates_of(weights);
  distribution chances;
  enumerating_source source;
  do {
    order drawn(weights.size());
    draw(candidates, source, drawn);
    chances[drawn] += source.run_chance();
  } while (source.advance());
  return chances;
}

template <class Draw>
distribution enumerated_by_scan(const weight_set& weights) {
  std::vector<candidate> buffer;
  return enumerated(weights, [&](const auto& candidates, auto& source, order& drawn) {
    scanned_pool pool(candidates, buffer);
    draw_all<Draw>(pool, source, drawn);
  });
}

template <class Draw, class Pool>
distribution enumerated_in_registers(const weight_set& weights) {
  return enumerated(weights, [](const auto& candidates, auto& source, order& drawn) {
    Pool pool(candidates);
    draw_all<Draw>(pool, source, drawn);
  });
}

template <class Draw>
distribution enumerated_by_scan_to_the_last(const weight_set& weights) {
  std::vector<candidate> buffer;
  return enumerated(weights, [&](const auto& candidates, auto& source, order& drawn) {
    draw_scanned<Draw, vector_pool<1>>(candidates, buffer, source, drawn);
  });
}

template <class Draw>
distribution enumerated_by_tree(const weight_set& weights) {
  return enumerated(weights, [](const auto& candidates, auto& source, order& drawn) {
    tree_pool pool;
    pool.fill(candidates);
    draw_all<Draw>(pool, source, drawn);
  });
}

TEST_CASE("rfc2782: the first choice of up to four records has exactly the chance of the formula",
          "[balancer][rfc2782][rfc-check-37][rfc-check-38][rfc-check-39][rfc-check-40][fault-S1][fault-S26]") {
  for (const weight_set& weights : small_sets()) {
    CAPTURE(weights);
    std::vector<chance> first(weights.size());
    for (const auto& [drawn, its_chance] : enumerated_by_scan<rfc2782_draw>(weights)) first[drawn[0]] += its_chance;
    const std::vector<double> shares = first_choice_shares(test::make_tier(weights), selection_policy::rfc2782);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      CHECK(first[i] == first_choice_formula(weights, i));
      CHECK(shares[i] == Approx(boost::rational_cast<double>(first[i])).epsilon(1e-14));
    }
  }
}

TEST_CASE("rfc2782: every full order of up to four records has exactly the chance that the text gives it",
          "[balancer][rfc2782][rfc-check-37][rfc-check-38][rfc-check-39][rfc-check-40][rfc-check-41]") {
  for (const weight_set& weights : small_sets()) {
    CAPTURE(weights);
    const distribution expected = rfc2782_orders(weights);
    CHECK((enumerated_by_scan<rfc2782_draw>(weights) == expected));
    CHECK((enumerated_in_registers<rfc2782_draw, vector_pool<1>>(weights) == expected));
    CHECK((enumerated_in_registers<rfc2782_draw, vector_pool<2>>(weights) == expected));
    CHECK((enumerated_in_registers<rfc2782_draw, vector_pool<4>>(weights) == expected));
    CHECK((enumerated_by_tree<rfc2782_draw>(weights) == expected));
  }
}

TEST_CASE("rfc2782: all zero weights give every permutation with equal chance", "[balancer][rfc2782][rfc-check-40]") {
  const distribution chances = enumerated_by_scan<rfc2782_draw>({0, 0, 0, 0});
  CHECK(chances.size() == 24);
  for (const auto& [drawn, its_chance] : chances) CHECK(its_chance == chance(1, 24));
}

TEST_CASE("weighted: every full order of up to four records has exactly its chance", "[balancer][fault-S1]") {
  for (const weight_set& weights : small_sets()) {
    CAPTURE(weights);
    const distribution expected = weighted_orders(weights);
    CHECK((enumerated_by_scan<weighted_draw>(weights) == expected));
    CHECK((enumerated_in_registers<weighted_draw, vector_pool<1>>(weights) == expected));
    CHECK((enumerated_in_registers<weighted_draw, vector_pool<2>>(weights) == expected));
    CHECK((enumerated_in_registers<weighted_draw, vector_pool<4>>(weights) == expected));
    CHECK((enumerated_by_tree<weighted_draw>(weights) == expected));
  }
}

TEST_CASE("rfc2782, weighted: five and six records, some or all of them in registers, have exactly their chances",
          "[balancer][rfc2782][rfc-check-37][rfc-check-38][rfc-check-39][rfc-check-40][rfc-check-41][fault-S1]") {
  for (const weight_set& weights :
       {weight_set{1, 2, 0, 1, 3}, {0, 0, 2, 0, 1}, {1, 1, 1, 1, 1}, {0, 0, 0, 0, 0}, {2, 0, 1, 0, 0, 1}}) {
    CAPTURE(weights);
    CHECK((enumerated_by_scan_to_the_last<rfc2782_draw>(weights) == rfc2782_orders(weights)));
    CHECK((enumerated_by_scan_to_the_last<weighted_draw>(weights) == weighted_orders(weights)));
    CHECK((enumerated_in_registers<rfc2782_draw, vector_pool<2>>(weights) == rfc2782_orders(weights)));
    CHECK((enumerated_in_registers<weighted_draw, vector_pool<2>>(weights) == weighted_orders(weights)));
  }
}

TEST_CASE("tree_pool: takes what a scan of the running sums takes", "[balancer]") {
  // Sizes around full nodes of 8 and full levels of 64 and 512.
  const std::size_t size = GENERATE(1U, 7U, 8U, 9U, 63U, 64U, 65U, 511U, 513U, 1000U);
  CAPTURE(size);
  random_engine random(1);
  std::vector<candidate> left;
  for (std::uint32_t i = 0; i < size; ++i) {
    // Up to 32 bits, so that sums need more.
    left.push_back({i, static_cast<std::uint32_t>(1 + uniform_below(random, i % 5 == 0 ? 0xffffffff : 100))});
  }
  const std::vector<candidate> candidates = left;
  tree_pool pool;
  pool.fill(candidates);

  while (!left.empty()) {
    std::uint64_t total = 0;
    for (const candidate& c : left) total += c.weight;
    REQUIRE(pool.total() == total);
    REQUIRE(pool.positive_count() == left.size());

    auto expected = left.begin();
    if (left.size() % 3 == 0) {
      const std::uint64_t n = uniform_below(random, left.size());
      expected += static_cast<std::ptrdiff_t>(n);
      REQUIRE(pool.take_positive(n) == expected->index);
    } else {
      // Every fourth time right on the border between two, where an off-by-one would show.
      std::uint64_t number = 1 + uniform_below(random, total);
      if (left.size() % 4 == 0) number = left[0].weight;
      std::uint64_t running = expected->weight;
      while (running < number) running += (++expected)->weight;
      REQUIRE(pool.take_at_running_sum(number) == expected->index);
    }
    left.erase(expected);
  }
  CHECK(pool.total() == 0);
}

}  // namespace
