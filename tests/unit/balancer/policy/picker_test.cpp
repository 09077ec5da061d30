#include "sdconnect/balancer/picker.hpp"

#include "sdconnect/balancer/goodness_of_fit.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "unit/balancer/endpoints.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using test::make_endpoint;
using test::make_tier;

constexpr std::array all_policies{selection_policy::rfc2782, selection_policy::weighted, selection_policy::ordered,
                                  selection_policy::least_loaded, selection_policy::hash};

/// Always returns the same value.
struct fixed_generator {
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() { return value; }

  std::uint64_t value = 0;
};

std::uint32_t pick_at(const picker& from, std::uint64_t value) {
  fixed_generator generator{value};
  return from.pick(generator);
}

/// Measures the share of each endpoint to 2^-64: within a column the pick changes at most once from
/// one endpoint to another; bisection finds that place.
std::vector<double> measured_shares(const picker& from, std::size_t count) {
  const auto begin_of = [&](std::size_t column) {
    const detail::uint128 scaled = detail::uint128{column} << 64;
    return static_cast<std::uint64_t>((scaled + count - 1) / count);
  };
  std::vector<double> shares(count);
  for (std::size_t column = 0; column < count; ++column) {
    const std::uint64_t first = begin_of(column);
    const std::uint64_t last = column + 1 < count ? begin_of(column + 1) - 1 : fixed_generator::max();
    const std::uint32_t own = pick_at(from, first);
    std::uint64_t low = first, high = last;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2 + 1;
      if (pick_at(from, middle) == own) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    shares[own] += std::ldexp(static_cast<double>(low - first) + 1, -64);
    shares[pick_at(from, last)] += std::ldexp(static_cast<double>(last - low), -64);
  }
  return shares;
}

TEST_CASE("picker: each endpoint has its share to 2^-32",
          "[balancer][rfc2782][rfc-check-37][rfc-check-38][rfc-check-39][rfc-check-40][fault-S1][fault-S2][fault-S26]"
          "[fault-S27]") {
  std::vector<std::vector<std::uint32_t>> sets = test::share_test_weights();
  sets.push_back({0xffffffff, 1, 0});
  sets.push_back({0xffffffff, 0xffffffff, 0xffffffff});
  for (const selection_policy policy : all_policies) {
    for (const std::vector<std::uint32_t>& weights : sets) {
      CAPTURE(to_string(policy), weights.size(), weights[0]);
      const std::vector<endpoint> endpoints = make_tier(weights);
      const std::vector<double> expected = first_choice_shares(endpoints, policy);
      const std::vector<double> actual = measured_shares(picker(endpoints, policy), endpoints.size());
      double farthest = 0;
      bool lost = false;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        farthest = std::max(farthest, std::abs(actual[i] - expected[i]));
        lost = lost || (actual[i] > 0) != (expected[i] > 0);
      }
      CHECK(farthest <= 0x1p-32);
      CHECK_FALSE(lost);
    }
  }
}

TEST_CASE("picker: a million picks fit their shares",
          "[balancer][rfc2782][rfc-check-38][rfc-check-39][rfc-check-40][fault-S1][fault-S2][fault-S26][fault-S27]") {
  for (const selection_policy policy : all_policies) {
    for (const std::vector<std::uint32_t>& weights : test::share_test_weights()) {
      CAPTURE(to_string(policy), weights.size(), weights[0]);
      const std::vector<endpoint> endpoints = make_tier(weights);
      const picker picker(endpoints, policy);
      random_engine random(2782);  // fixed: a correct program fails for one seed in a thousand, per set
      std::vector<std::uint64_t> counts(endpoints.size());
      for (int i = 0; i < 1'000'000; ++i) ++counts[picker.pick(random)];
      CHECK(chi_square_p(counts, first_choice_shares(endpoints, policy)) > 0.001);
    }
  }
}

TEST_CASE("picker: only the lowest usable tier is picked from, by its index in the whole set",
          "[balancer][rfc2782][rfc-check-36][rfc-check-43][fault-S5]") {
  const selection_policy policy = GENERATE(from_range(all_policies));
  CAPTURE(to_string(policy));
  const std::vector<endpoint> endpoints{
      make_endpoint("late.example.", 9, 20),  make_endpoint(".", 9, 0),
      make_endpoint("one.example.", 3, 10),   make_endpoint("port-zero.example.", 9, 5, 0),
      make_endpoint("other.example.", 3, 10), make_endpoint("last.example.", 9, 30)};
  const picker picker(endpoints, policy);
  random_engine random(1);
  std::vector<std::uint64_t> counts(endpoints.size());
  for (int i = 0; i < 10'000; ++i) ++counts[picker.pick(random)];
  CHECK(counts[2] + counts[4] == 10'000);
  CHECK(chi_square_p(counts, first_choice_shares(endpoints, policy)) > 0.001);
}

TEST_CASE("picker: a single endpoint is always picked", "[balancer][fault-B17]") {
  const selection_policy policy = GENERATE(from_range(all_policies));
  const std::uint32_t weight = GENERATE(0U, 7U);
  CAPTURE(to_string(policy), weight);
  const picker picker(make_tier({weight}), policy);
  CHECK(pick_at(picker, 0) == 0);
  CHECK(pick_at(picker, fixed_generator::max()) == 0);
}

TEST_CASE("picker: nothing usable gives npos", "[balancer][rfc-check-42][fault-S3][fault-S5]") {
  const selection_policy policy = GENERATE(from_range(all_policies));
  CAPTURE(to_string(policy));
  const std::vector<endpoint> unusable{make_endpoint(".", 1), make_endpoint("a.example.", 1, 0, 0)};
  random_engine random(1);
  for (const picker& empty : {picker(), picker({}, policy), picker(unusable, policy)}) {
    CHECK(empty.empty());
    CHECK(empty.pick(random) == picker::npos);
  }
}

TEST_CASE("picker: does not depend on the set it was built from, and survives a move", "[balancer][fault-B16]") {
  std::vector<endpoint> endpoints = make_tier({1, 2});
  picker original(endpoints, selection_policy::weighted);
  endpoints.clear();
  endpoints.shrink_to_fit();
  CHECK(pick_at(original, fixed_generator::max()) < 2);
  const picker moved = std::move(original);
  CHECK(pick_at(moved, fixed_generator::max()) < 2);
}

TEST_CASE("picker: a seed reproduces its picks", "[balancer]") {
  const picker picker(make_tier({1, 2, 3, 4}), selection_policy::rfc2782);
  random_engine first(42), again(42);
  for (int i = 0; i < 1000; ++i) REQUIRE(picker.pick(first) == picker.pick(again));
}

TEST_CASE("picker: sums beyond 64 bits are exact too", "[balancer][rfc-check-41][fault-S2]") {
  // The mass of a column is weight * n^2: with 2^32 - 1 and 70,000 that needs 65 bits.
  std::vector<std::uint32_t> weights(70'000, 0xffffffff);
  weights[1] = 1;
  const std::vector<endpoint> endpoints = make_tier(weights);
  const std::vector<double> actual = measured_shares(picker(endpoints, selection_policy::rfc2782), endpoints.size());
  const std::vector<double> expected = first_choice_shares(endpoints, selection_policy::rfc2782);
  double farthest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) farthest = std::max(farthest, std::abs(actual[i] - expected[i]));
  CHECK(farthest <= 0x1p-32);
}

}  // namespace
