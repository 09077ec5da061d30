#include "sdconnect/balancer/selection.hpp"

#include "sdconnect/balancer/goodness_of_fit.hpp"
#include "unit/balancer/endpoints.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using test::make_endpoint;
using test::make_tier;

using indexes = std::vector<std::uint32_t>;

constexpr std::array all_policies{selection_policy::rfc2782, selection_policy::weighted, selection_policy::ordered,
                                  selection_policy::least_loaded, selection_policy::hash};

std::vector<double> rfc2782_shares(const std::vector<std::uint32_t>& weights) {
  return first_choice_shares(make_tier(weights), selection_policy::rfc2782);
}

TEST_CASE(
    "first_choice_shares: rfc2782 follows the procedure of the RFC",
    "[balancer][rfc2782][rfc-check-37][rfc-check-38][rfc-check-39][rfc-check-40][fault-S1][fault-S2][fault-S26]") {
  using set = std::pair<std::vector<std::uint32_t>, std::vector<double>>;
  const auto [weights, shares] = GENERATE(values<set>({
      {{1, 1}, {0.5, 0.5}},
      {{0, 10}, {1.0 / 11, 10.0 / 11}},
      {{0, 0, 10}, {1.0 / 22, 1.0 / 22, 10.0 / 11}},
      {{0, 0, 0}, {1.0 / 3, 1.0 / 3, 1.0 / 3}},
      {{0}, {1}},
      {{7}, {1}},
      {{1, 2}, {0.375, 0.625}},
      {{30, 10}, {30.5 / 41, 10.5 / 41}},
      {{60, 20, 20}, {(60 + 1.0 / 3) / 101, (20 + 1.0 / 3) / 101, (20 + 1.0 / 3) / 101}},
      {{65535, 1}, {65535.5 / 65537, 1.5 / 65537}},
  }));
  CAPTURE(weights);
  const std::vector<double> actual = rfc2782_shares(weights);
  REQUIRE(actual.size() == shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i) CHECK(actual[i] == Approx(shares[i]).epsilon(1e-14));
}

TEST_CASE("first_choice_shares: weighted is proportional, a zero weight waits until all are zero",
          "[balancer][fault-S1][fault-S27]") {
  CHECK(first_choice_shares(make_tier({65535, 0, 1}), selection_policy::weighted) ==
        std::vector<double>{65535.0 / 65536, 0, 1.0 / 65536});
  CHECK(first_choice_shares(make_tier({0, 0}), selection_policy::weighted) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("first_choice_shares: ordered gives all to one", "[balancer]") {
  const std::vector<endpoint> endpoints{make_endpoint("b.example.", 5), make_endpoint("a.example.", 5, 0, 81),
                                        make_endpoint("A.example.", 5, 0, 80), make_endpoint("c.example.", 4)};
  CHECK(first_choice_shares(endpoints, selection_policy::ordered) == std::vector<double>{0, 0, 1, 0});
}

TEST_CASE("first_choice_shares: only the lowest usable tier has a share",
          "[balancer][rfc2782][rfc-check-36][rfc-check-43][fault-S5]") {
  const selection_policy policy = GENERATE(from_range(all_policies));
  CAPTURE(to_string(policy));
  const std::vector<endpoint> endpoints{
      make_endpoint("late.example.", 100, 20), make_endpoint(".", 100, 0), make_endpoint("only.example.", 3, 10),
      make_endpoint("port-zero.example.", 100, 5, 0), make_endpoint("later.example.", 0, 65535)};
  CHECK(first_choice_shares(endpoints, policy) == std::vector<double>{0, 0, 1, 0, 0});
}

TEST_CASE("first_choice_shares: a target whose lookup failed has no share, the others share as if it were absent",
          "[balancer][fault-S12]") {
  std::vector<endpoint> endpoints = make_tier({30, 10, 60});
  endpoints[2].unresolved = errc::nxdomain;
  const std::vector<double> shares = first_choice_shares(endpoints, selection_policy::weighted);
  CHECK(shares == std::vector<double>{0.75, 0.25, 0});
}

TEST_CASE("first_choice_shares: nothing usable has no share", "[balancer][rfc-check-42][fault-S3]") {
  const selection_policy policy = GENERATE(from_range(all_policies));
  CAPTURE(to_string(policy));
  CHECK(first_choice_shares({}, policy).empty());
  CHECK(first_choice_shares(std::vector{make_endpoint(".", 0, 0, 0)}, policy) == std::vector<double>{0});
}

TEST_CASE("first_choice_shares: merged weights do not overflow", "[balancer][rfc-check-41][fault-S2]") {
  const selection_policy policy = GENERATE(selection_policy::rfc2782, selection_policy::weighted);
  CAPTURE(to_string(policy));
  const std::vector<double> shares =
      first_choice_shares(make_tier(std::vector<std::uint32_t>(70'000, 0xffffffff)), policy);
  CHECK(std::all_of(shares.begin(), shares.end(), [](double s) { return s == Approx(1.0 / 70'000); }));
}

TEST_CASE("selection_order: every usable endpoint appears once, tier after tier",
          "[balancer][rfc2782][rfc-check-17][rfc-check-36][rfc-check-41][rfc-check-43][fault-S5][fault-S8]") {
  const selection_policy policy = GENERATE(from_range(all_policies));
  CAPTURE(to_string(policy));
  random_engine random(1);

  // Tiers of 1 to 300 endpoints: one group of running sums, several, larger ones.
  std::vector<endpoint> endpoints;
  for (const std::size_t size : {1U, 2U, 16U, 17U, 128U, 300U}) {
    for (std::size_t i = 0; i < size; ++i) {
      const auto weight = static_cast<std::uint32_t>(i % 4 == 0 ? 0 : uniform_below(random, 1000));
      const auto port = static_cast<std::uint16_t>(i % 7 == 6 ? 0 : 1 + i);
      const std::string target = i % 11 == 10 ? "." : "host.example.";
      endpoints.push_back(make_endpoint(target, weight, static_cast<std::uint16_t>(1000 - size), port));
    }
  }

  const indexes order = selection_order(endpoints, policy, random);

  indexes sorted = order;
  std::sort(sorted.begin(), sorted.end());
  indexes expected;
  for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
    if (is_usable(endpoints[i])) expected.push_back(i);
  }
  CHECK(sorted == expected);
  CHECK(std::is_sorted(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return endpoints[a].priority < endpoints[b].priority;
  }));
}

TEST_CASE("selection_order: nothing usable gives an empty order", "[balancer][rfc-check-42][fault-S3][fault-S5]") {
  const selection_policy policy = GENERATE(from_range(all_policies));
  CAPTURE(to_string(policy));
  random_engine random(1);
  CHECK(selection_order({}, policy, random).empty());
  const std::vector<endpoint> unusable{make_endpoint(".", 1), make_endpoint("a.example.", 1, 0, 0)};
  CHECK(selection_order(unusable, policy, random).empty());
}

TEST_CASE("selection_order: a single endpoint is always chosen", "[balancer][fault-B17]") {
  const selection_policy policy = GENERATE(from_range(all_policies));
  const std::uint32_t weight = GENERATE(0U, 7U);
  CAPTURE(to_string(policy), weight);
  random_engine random(1);
  CHECK(selection_order(make_tier({weight}), policy, random) == indexes{0});
}

TEST_CASE("selection_order: ordered goes by weight, then target, then port", "[balancer][fault-S8]") {
  const std::vector<endpoint> endpoints{
      make_endpoint("b.example.", 5),        make_endpoint("a.example.", 5, 0, 8080),
      make_endpoint("z.example.", 9),        make_endpoint("A.example.", 5, 0, 443),
      make_endpoint("first.example.", 0, 0), make_endpoint("other-tier.example.", 100, 1)};
  random_engine random(1);
  CHECK(selection_order(endpoints, selection_policy::ordered, random) == indexes{2, 3, 1, 0, 4, 5});
  CHECK(random == random_engine(1));  // no random number was drawn
}

TEST_CASE("selection_order: weighted keeps the zero weights for last", "[balancer]") {
  random_engine random(1);
  for (int i = 0; i < 100; ++i) {
    const indexes order = selection_order(make_tier({0, 3, 0, 1, 2}), selection_policy::weighted, random);
    CHECK(std::max(order[3], order[4]) == 2);
    CHECK(std::min(order[3], order[4]) == 0);
  }
}

TEST_CASE("selection_order: a seed gives the same targets however the set is rotated", "[balancer]") {
  const selection_policy policy = GENERATE(from_range(all_policies));
  CAPTURE(to_string(policy));
  std::vector<endpoint> endpoints = make_tier({3, 0, 8, 8, 1, 0, 65535});
  const auto targets = [&](std::uint64_t seed) {
    random_engine random(seed);
    std::vector<name> names;
    for (const std::uint32_t i : selection_order(endpoints, policy, random)) names.push_back(endpoints[i].target);
    return names;
  };

  const std::vector<name> before = targets(42);
  CHECK(targets(42) == before);
  std::rotate(endpoints.begin(), endpoints.begin() + 3, endpoints.end());
  CHECK(targets(42) == before);
}

TEST_CASE("selection_order: ten thousand records of the highest weight are ordered evenly",
          "[balancer][rfc-check-41][fault-S2]") {
  constexpr std::size_t count = 10'000;
  for (const std::uint32_t weight : {65535U, 0xffffffffU}) {
    order_drawer drawer(make_tier(std::vector<std::uint32_t>(count, weight)), selection_policy::rfc2782);
    random_engine random(1);
    const std::span<const std::uint32_t> order = drawer.draw(random);

    indexes sorted(order.begin(), order.end());
    std::sort(sorted.begin(), sorted.end());
    indexes expected(count);
    std::iota(expected.begin(), expected.end(), 0U);
    REQUIRE(sorted == expected);
    // The mean position of the first half of the records: 5000, with a sigma of sqrt(count) /
    // sqrt(12) = 29.
    double sum = 0;
    for (std::size_t at = 0; at < count; ++at) sum += order[at] < count / 2 ? static_cast<double>(at) : 0;
    CHECK(sum / (count / 2) == Approx(4999.5).margin(5 * 29));
  }
}

TEST_CASE("order_drawer: draws anew each time and can be moved", "[balancer]") {
  random_engine random(1), again(1);
  order_drawer drawer(make_tier({1, 1, 1, 1, 1, 1, 1, 1}), selection_policy::rfc2782);
  const std::span<const std::uint32_t> drawn = drawer.draw(random);
  const indexes first(drawn.begin(), drawn.end());
  order_drawer moved = std::move(drawer);
  const std::span<const std::uint32_t> second = moved.draw(random);
  CHECK_FALSE(std::equal(first.begin(), first.end(), second.begin()));
  const std::span<const std::uint32_t> repeated = moved.draw(again);
  CHECK(std::equal(first.begin(), first.end(), repeated.begin()));
}

TEST_CASE("order_drawer: of any two, one comes first as often as their weights say, whatever the size of the tier",
          "[balancer][rfc-check-38][rfc-check-41]") {
  // One group of running sums, several, larger ones; sums of a few bits and of more than 32.
  const std::size_t size = GENERATE(2U, 4U, 5U, 16U, 17U, 48U, 100U, 256U, 257U, 300U);
  const std::uint32_t unit = GENERATE(5000U, 0x04000000U);
  const selection_policy policy = GENERATE(selection_policy::rfc2782, selection_policy::weighted);
  CAPTURE(size, unit, to_string(policy));
  std::vector<std::uint32_t> weights(size);
  for (std::uint32_t i = 0; i < size; ++i) weights[i] = unit * (1 + i * 7 % 20);
  if (size > 4) weights[3] = 0;
  order_drawer drawer(make_tier(weights), policy);
  random_engine random(2782);

  constexpr int draws = 2000;
  const std::uint32_t last = static_cast<std::uint32_t>(size) - 1;
  const std::array<std::pair<std::uint32_t, std::uint32_t>, 3> pairs{{{0, last}, {1, last}, {0, last / 2 + 1}}};
  std::array<int, 3> earlier{};
  indexes place(size), sorted(size), all(size);
  std::iota(all.begin(), all.end(), 0U);
  for (int i = 0; i < draws; ++i) {
    const std::span<const std::uint32_t> order = drawer.draw(random);
    for (std::uint32_t at = 0; at < size; ++at) place[order[at]] = at;
    for (std::size_t at = 0; at < pairs.size(); ++at) {
      earlier[at] += place[pairs[at].first] < place[pairs[at].second] ? 1 : 0;
    }
    std::ranges::copy(order, sorted.begin());
    std::ranges::sort(sorted);
    REQUIRE((sorted == all));
  }
  for (std::size_t at = 0; at < pairs.size(); ++at) {
    const double first = weights[pairs[at].first], second = weights[pairs[at].second];
    if (pairs[at].first == pairs[at].second || second == 0) continue;
    const double share = first / (first + second);
    const double sigma = std::sqrt(share * (1 - share) / draws);
    CHECK(earlier[at] / static_cast<double>(draws) == Approx(share).margin(4.5 * sigma));
  }
}

TEST_CASE("order_drawer: no number that the generator gave is used twice", "[balancer]") {
  const std::size_t size = GENERATE(4U, 16U, 30U, 100U, 1000U);
  CAPTURE(size);
  order_drawer drawer(make_tier(std::vector<std::uint32_t>(size, 7)), selection_policy::rfc2782);
  random_engine random(5), before(5);
  (void)drawer.draw(random);
  // All except the last record need at least one random number.
  for (std::size_t drawn = 0; drawn < size - 1; ++drawn, (void)before()) CHECK_FALSE(before == random);
}

TEST_CASE("order_drawer: weights of every magnitude in one large tier are all in its order, heavy before light",
          "[balancer][rfc-check-41][fault-S2]") {
  std::vector<std::uint32_t> weights(3200);
  for (std::uint32_t i = 0; i < weights.size(); ++i) weights[i] = 1U << (i % 32);
  order_drawer drawer(make_tier(weights), selection_policy::rfc2782);
  random_engine random(1);
  const std::span<const std::uint32_t> drawn = drawer.draw(random);
  indexes sorted(drawn.begin(), drawn.end()), all(weights.size());
  std::ranges::sort(sorted);
  std::iota(all.begin(), all.end(), 0U);
  CHECK(sorted == all);
  // Expected number in front of one of the heaviest: 50 of the same weight, and of those that weigh
  // 2^-k of it 100 / (1 + 2^k): 126 in all. For the lightest it is the reverse.
  double first = 0, last = 0;
  for (std::size_t at = 0; at < drawn.size(); ++at) {
    if (drawn[at] % 32 == 31) first += static_cast<double>(at) / 100;
    if (drawn[at] % 32 == 0) last += static_cast<double>(at) / 100;
  }
  CHECK(first < 200);
  CHECK(last > 3000);
}

TEST_CASE("order_drawer: many without a weight come behind those that have one, in any order",
          "[balancer][rfc-check-39]") {
  // Without a draw of 0, which the weight makes rare.
  std::vector<std::uint32_t> weights(40, 0);
  const bool has_weight = GENERATE(true, false);
  if (has_weight) weights[20] = 0x40000000;
  order_drawer drawer(make_tier(weights), selection_policy::rfc2782);
  random_engine random(1);
  std::vector<std::uint64_t> last(40);
  for (int i = 0; i < 4000; ++i) {
    const std::span<const std::uint32_t> order = drawer.draw(random);
    if (has_weight) REQUIRE(order[0] == 20);
    ++last[order.back()];
  }
  std::vector<double> shares(40, has_weight ? 1.0 / 39 : 1.0 / 40);
  if (has_weight) {
    CHECK(last[20] == 0);
    last.erase(last.begin() + 20);
    shares.pop_back();
  }
  CHECK(chi_square_p(last, shares) > 0.001);
}

TEST_CASE("order_drawer: the first of the order has its share",
          "[balancer][rfc2782][rfc-check-37][rfc-check-38][rfc-check-39][rfc-check-40][fault-S1][fault-S2][fault-S26]"
          "[fault-S27]") {
  for (const selection_policy policy : all_policies) {
    for (const std::vector<std::uint32_t>& weights : test::share_test_weights()) {
      const std::vector<endpoint> endpoints = make_tier(weights);
      CAPTURE(to_string(policy), weights.size(), weights[0]);
      order_drawer drawer(endpoints, policy);
      random_engine random(2782);  // fixed: a correct program fails for one seed in a thousand, per set
      std::vector<std::uint64_t> counts(endpoints.size());
      const int draws = weights.size() > 100 ? 10'000 : 300'000;
      for (int i = 0; i < draws; ++i) ++counts[drawer.draw(random).front()];
      CHECK(chi_square_p(counts, first_choice_shares(endpoints, policy)) > 0.001);
    }
  }
}

}  // namespace
