/// \file
/// Tests the power of two choices by enumerating every pair that can be drawn.
#include "balancer/policy/least_loaded.hpp"

#include "sdconnect/balancer/goodness_of_fit.hpp"
#include "sdconnect/balancer/picker.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "unit/balancer/endpoints.hpp"

#include <boost/rational.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::detail;

namespace {

using chance = boost::rational<std::int64_t>;
using numbers = std::vector<std::uint32_t>;

/// Returns the choices for each unit of weight as the first draw and each as the second.
std::vector<chance> enumerated(const numbers& weights, const numbers& loads) {
  numbers owners;  // owners of the units
  for (std::uint32_t i = 0; i < weights.size(); ++i) owners.insert(owners.end(), weights[i], i);
  const auto pairs = static_cast<std::int64_t>(owners.size() * owners.size());
  std::vector<chance> chances(weights.size());
  for (const std::uint32_t first : owners) {
    for (const std::uint32_t second : owners) {
      bool is_first = true;
      const auto draw = [&] { return std::exchange(is_first, false) ? first : second; };
      const std::uint32_t chosen = pick_less_loaded(
          draw, [&](std::uint32_t i) { return loads[i]; }, [&](std::uint32_t i) { return weights[i]; });
      chances[chosen] += chance(1, pairs);
    }
  }
  return chances;
}

/// The formula: an endpoint is chosen if it is drawn twice, or once beside a more loaded one, or
/// first beside an equally loaded one.
std::vector<chance> expected(const numbers& weights, const numbers& loads) {
  const auto sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  std::vector<chance> chances;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const chance own(weights[i], sum);
    chance all = own * own;
    for (std::size_t j = 0; j < weights.size(); ++j) {
      if (j == i || weights[i] == 0 || weights[j] == 0) continue;
      const chance load(loads[i], weights[i]), its_load(loads[j], weights[j]);
      const std::int64_t orders = load < its_load ? 2 : load == its_load ? 1 : 0;
      all += own * chance(weights[j], sum) * orders;
    }
    chances.push_back(all);
  }
  return chances;
}

TEST_CASE("least-loaded: each endpoint has exactly the chance of the formula", "[balancer]") {
  for (const numbers& weights : {numbers{1, 1}, {1, 2}, {30, 10}, {1, 3, 6}, {5, 5, 5, 1}, {0, 2, 3}}) {
    for (const numbers& loads :
         {numbers{0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 1, 0}, {3, 1, 2, 9}, {1, 2, 3, 4}, {10, 20, 3, 1}}) {
      CAPTURE(weights, loads);
      CHECK((enumerated(weights, loads) == expected(weights, loads)));
    }
  }
}

TEST_CASE("least-loaded: idle, or loaded in proportion, the shares are those of the weights", "[balancer]") {
  for (const std::uint32_t load : {0U, 1U, 7U}) {
    CHECK((enumerated({1, 3, 6}, {load, 3 * load, 6 * load}) ==
           std::vector<chance>{chance(1, 10), chance(3, 10), chance(6, 10)}));
  }
}

TEST_CASE("least-loaded: loads and weights of any size are compared without overflow", "[balancer]") {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK(is_less_loaded(most - 1, most, most, most));
  CHECK_FALSE(is_less_loaded(most, most, most - 1, most));
  CHECK(is_less_loaded(1, most, 1, most - 1));
  CHECK_FALSE(is_less_loaded(most, most, 1, 1));
}

TEST_CASE("least-loaded: among nothing but zero weights the load decides", "[balancer]") {
  CHECK(is_less_loaded(1, 0, 2, 0));
  CHECK_FALSE(is_less_loaded(2, 0, 2, 0));
}

TEST_CASE("least-loaded: over an alias table, a million picks without load fit the weights", "[balancer]") {
  for (const numbers& weights : test::share_test_weights()) {
    CAPTURE(weights.size(), weights[0]);
    const std::vector<endpoint> endpoints = test::make_tier(weights);
    const picker picker(endpoints, selection_policy::least_loaded);
    random_engine random(2782);  // fixed: a correct program fails for one seed in a thousand, per set
    std::vector<std::uint64_t> counts(endpoints.size());
    for (int i = 0; i < 1'000'000; ++i) {
      ++counts[pick_less_loaded([&] { return picker.pick(random); }, [](std::uint32_t) { return 0U; },
                                [&](std::uint32_t at) { return weights[at]; })];
    }
    CHECK(chi_square_p(counts, first_choice_shares(endpoints, selection_policy::least_loaded)) > 0.001);
  }
}

TEST_CASE("least-loaded: requests that stay spread far more evenly than by chance", "[balancer]") {
  constexpr std::uint32_t count = 100, held = 100;  // of each
  const std::vector<endpoint> endpoints = test::make_tier(numbers(count, 10));
  const picker picker(endpoints, selection_policy::least_loaded);
  random_engine random(1);
  numbers loads(count);
  for (std::uint32_t i = 0; i < count * held; ++i) {
    ++loads[pick_less_loaded([&] { return picker.pick(random); }, [&](std::uint32_t at) { return loads[at]; },
                             [](std::uint32_t) { return 10U; })];
  }
  // With random choices the fullest of 100 would hold about 100 + 2.5 sigma = 125. With two choices
  // it holds log2(log(100)) more than the mean, a constant (Azar and others).
  CHECK(*std::max_element(loads.begin(), loads.end()) <= held + 5);
}

}  // namespace
