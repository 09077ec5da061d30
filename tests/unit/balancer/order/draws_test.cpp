/// \file
/// Compares the draws with an independent implementation of RFC 2782: enumerates every outcome with
/// its exact probability.
#include "balancer/order/draws.hpp"

#include "sdconnect/balancer/selection.hpp"
#include "unit/balancer/candidates.hpp"
#include "unit/balancer/endpoints.hpp"
#include "unit/balancer/enumerating_source.hpp"
#include "unit/balancer/order_oracle.hpp"
#include "unit/balancer/selection_oracle.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
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

constexpr std::uint64_t rfc2782_least = 0, weighted_least = 1;

/// All orders of these weights.
distribution enumerated(const weight_set& weights, std::uint64_t least) {
  const std::vector<candidate> candidates = candidates_of(weights);
  distribution chances;
  enumerating_source source;
  order_pool pool;
  do {
    order drawn(weights.size());
    draw_steps(candidates, least, pool, source, drawn, [](const traced_draw&) {});
    chances[drawn] += source.run_chance();
  } while (source.advance());
  return chances;
}

TEST_CASE("rfc2782: the first choice of up to four records has exactly the chance of the formula",
          "[balancer][rfc2782][rfc-check-37][rfc-check-38][rfc-check-39][rfc-check-40][fault-S1][fault-S26]") {
  for (const weight_set& weights : small_sets()) {
    CAPTURE(weights);
    std::vector<chance> first(weights.size());
    for (const auto& [drawn, its_chance] : enumerated(weights, rfc2782_least)) first[drawn[0]] += its_chance;
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
    CHECK((enumerated(weights, rfc2782_least) == rfc2782_orders(weights)));
  }
}

TEST_CASE("rfc2782: all zero weights give every permutation with equal chance", "[balancer][rfc2782][rfc-check-40]") {
  const distribution chances = enumerated({0, 0, 0, 0}, rfc2782_least);
  CHECK(chances.size() == 24);
  for (const auto& [drawn, its_chance] : chances) CHECK(its_chance == chance(1, 24));
}

TEST_CASE("weighted: every full order of up to four records has exactly its chance", "[balancer][fault-S1]") {
  for (const weight_set& weights : small_sets()) {
    CAPTURE(weights);
    CHECK((enumerated(weights, weighted_least) == weighted_orders(weights)));
  }
}

TEST_CASE("rfc2782, weighted: every full order of five and six records has exactly its chance",
          "[balancer][rfc2782][rfc-check-37][rfc-check-38][rfc-check-39][rfc-check-40][rfc-check-41][fault-S1]") {
  for (const weight_set& weights :
       {weight_set{1, 2, 0, 1, 3}, {0, 0, 2, 0, 1}, {1, 1, 1, 1, 1}, {0, 0, 0, 0, 0}, {2, 0, 1, 0, 0, 1}}) {
    CAPTURE(weights);
    CHECK((enumerated(weights, rfc2782_least) == rfc2782_orders(weights)));
    CHECK((enumerated(weights, weighted_least) == weighted_orders(weights)));
  }
}

TEST_CASE("running_sums: takes what a walk along all of them takes", "[balancer]") {
  // Sizes around full groups, and around the sizes at which groups become larger (16 and 32 of 16
  // and 32).
  const std::size_t size = GENERATE(1U, 15U, 16U, 17U, 32U, 33U, 255U, 256U, 257U, 1024U, 1025U);
  CAPTURE(size);
  random_engine random(1);
  struct record {
    std::size_t place;
    std::uint32_t weight;
  };
  std::vector<record> left;
  for (std::size_t place = 0; place < size; ++place) {
    // Up to 32 bits, so that sums need more.
    left.push_back({place, static_cast<std::uint32_t>(1 + uniform_below(random, place % 5 == 0 ? 0xffffffff : 100))});
  }
  running_sums sums;
  sums.fill(2000, [](std::size_t) { return 9U; });  // old contents have no effect
  sums.fill(size, [weights = left](std::size_t place) { return weights[place].weight; });

  while (!left.empty()) {
    std::uint64_t total = 0;
    for (const record& each : left) total += each.weight;
    REQUIRE(sums.sum() == total);
    REQUIRE(sums.left() == left.size());

    auto expected = left.begin();
    if (left.size() % 3 == 0) {
      const std::uint64_t n = uniform_below(random, left.size());
      expected += static_cast<std::ptrdiff_t>(n);
      REQUIRE(sums.take_nth(n) == expected->place);
    } else {
      // Every fourth number is exactly on a boundary, where an off-by-one error would show.
      std::uint64_t number = 1 + uniform_below(random, total);
      if (left.size() % 4 == 0) number = left[0].weight;
      std::uint64_t running = expected->weight;
      while (running < number) running += (++expected)->weight;
      REQUIRE(sums.take_at(number) == expected->place);
    }
    left.erase(expected);
  }
  CHECK(sums.sum() == 0);
}

TEST_CASE("draw_order: sums of the highest weights do not overflow", "[balancer][rfc-check-41][fault-S2]") {
  // A million records of 65535 need 36 bits, 70,000 of 2^32 - 1 need 49.
  for (const auto& [count, weight] : {std::pair{1'000'000U, 65535U}, {70'000U, 0xffffffffU}}) {
    const std::vector<candidate> candidates = candidates_of(weight_set(count, weight));
    const std::uint64_t sum = std::uint64_t{count} * weight;
    order_pool pool;
    order first(1);
    std::vector<traced_draw> steps;
    for (const auto& [number, index] :
         {std::pair{sum, count - 1}, {sum - weight, count - 2}, {sum - weight + 1, count - 1}}) {
      const auto source = [number = number, sum](std::uint64_t n) {
        CHECK(n == sum + 1);
        return number;
      };
      draw_steps(candidates, rfc2782_least, pool, source, first,
                 [&](const traced_draw& told) { steps.push_back(told); });
      CHECK(first[0] == index);
      CHECK(steps.back().sum->number == number);
    }
  }
}

TEST_CASE("draw_order: the beginning of an order is what a longer one begins with, and each step is told",
          "[balancer]") {
  const std::vector<candidate> candidates = candidates_of({3, 0, 7, 1, 0, 5});
  for (const std::uint64_t least : {rfc2782_least, weighted_least}) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      order_pool pool;
      order all(candidates.size()), some(2);
      std::vector<traced_draw> steps;
      random_engine random(seed), again(seed), silent(seed);
      draw_order(candidates, least, pool, random, all, &steps);
      draw_order(candidates, least, pool, again, some, nullptr);
      CHECK(some == order(all.begin(), all.begin() + 2));
      order told;
      for (const traced_draw& step : steps) told.push_back(step.selected);
      CHECK(told == all);
      draw_order(candidates, least, pool, silent, all, nullptr);
      CHECK(told == all);
      CHECK(random == silent);  // tracing draws no random numbers
    }
  }
}

}  // namespace
