/// \file
/// The draws against an independent reading of RFC 2782: every outcome is enumerated, with its exact chance.
#include "balancer/draws.hpp"

#include "sdconnect/balancer/selection.hpp"
#include "unit/balancer/endpoints.hpp"
#include "unit/balancer/enumerating_source.hpp"
#include "unit/balancer/selection_oracle.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <vector>

namespace sdconnect::detail {
namespace {

using test::chance;
using test::enumerating_source;
using test::first_choice_formula;
using test::small_sets;
using test::weight_set;

using order = std::vector<std::uint32_t>;
using distribution = std::map<order, chance>;

/// All orders that our draw makes of these weights.
template <class Draw, class MakePool>
distribution enumerated(const weight_set& weights, MakePool make_pool) {
  std::vector<candidate> candidates;
  for (std::uint32_t i = 0; i < weights.size(); ++i) candidates.push_back({i, weights[i]});
  std::stable_partition(candidates.begin(), candidates.end(), [](const candidate& c) { return c.weight > 0; });

  distribution chances;
  enumerating_source source;
  do {
    order drawn(weights.size());
    auto pool = make_pool(candidates);
    draw_all<Draw>(pool, source, drawn);
    chances[drawn] += source.run_chance();
  } while (source.advance());
  return chances;
}

template <class Draw>
distribution enumerated_by_scan(const weight_set& weights) {
  std::vector<candidate> buffer;
  return enumerated<Draw>(weights, [&](const auto& candidates) { return scanned_pool(candidates, buffer); });
}

template <class Draw>
distribution enumerated_by_tree(const weight_set& weights) {
  return enumerated<Draw>(weights, [](const auto& candidates) {
    tree_pool pool;
    pool.fill(candidates);
    return pool;
  });
}

/// The text of RFC 2782, word by word and with no idea of how the draw is made above: for each choice every
/// arrangement with the zero weights first, for each arrangement every number from 0 to the sum.
void follow_rfc2782(const weight_set& weights, const order& unordered, const order& so_far, chance of_this,
                    distribution& chances) {
  if (unordered.empty()) {
    chances[so_far] += of_this;
    return;
  }
  order arrangement = unordered;
  std::sort(arrangement.begin(), arrangement.end());
  std::vector<order> arrangements;
  do {
    const auto is_zero = [&](std::uint32_t i) { return weights[i] == 0; };
    if (std::is_partitioned(arrangement.begin(), arrangement.end(), is_zero)) arrangements.push_back(arrangement);
  } while (std::next_permutation(arrangement.begin(), arrangement.end()));

  std::map<std::uint32_t, chance> selected;
  for (const order& arranged : arrangements) {
    std::int64_t sum = 0;
    for (const std::uint32_t i : arranged) sum += weights[i];
    for (std::int64_t number = 0; number <= sum; ++number) {
      std::int64_t running = 0;
      const auto is_selected = [&](std::uint32_t i) { return (running += weights[i]) >= number; };
      const std::uint32_t first = *std::find_if(arranged.begin(), arranged.end(), is_selected);
      selected[first] += chance(1, (sum + 1) * static_cast<std::int64_t>(arrangements.size()));
    }
  }
  for (const auto& [i, its_chance] : selected) {
    order rest = unordered, longer = so_far;
    rest.erase(std::find(rest.begin(), rest.end(), i));
    longer.push_back(i);
    follow_rfc2782(weights, rest, longer, of_this * its_chance, chances);
  }
}

distribution rfc2782_orders(const weight_set& weights) {
  order all(weights.size());
  std::iota(all.begin(), all.end(), 0U);
  distribution chances;
  follow_rfc2782(weights, all, {}, 1, chances);
  return chances;
}

/// Proportional draws, the zero weights last in any order.
void follow_weights(const weight_set& weights, const order& unordered, const order& so_far, chance of_this,
                    distribution& chances) {
  if (unordered.empty()) {
    chances[so_far] += of_this;
    return;
  }
  std::int64_t sum = 0;
  for (const std::uint32_t i : unordered) sum += weights[i];
  for (const std::uint32_t i : unordered) {
    if (sum > 0 && weights[i] == 0) continue;
    order rest = unordered, longer = so_far;
    rest.erase(std::find(rest.begin(), rest.end(), i));
    longer.push_back(i);
    const chance its_chance =
        sum > 0 ? chance(weights[i], sum) : chance(1, static_cast<std::int64_t>(unordered.size()));
    follow_weights(weights, rest, longer, of_this * its_chance, chances);
  }
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
    order all(weights.size());
    std::iota(all.begin(), all.end(), 0U);
    distribution expected;
    follow_weights(weights, all, {}, 1, expected);
    CHECK((enumerated_by_scan<weighted_draw>(weights) == expected));
    CHECK((enumerated_by_tree<weighted_draw>(weights) == expected));
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
}  // namespace sdconnect::detail
