#include "sdconnect/balancer/retry_budget.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using namespace std::chrono_literals;
using time_point = retry_budget::time_point;

TEST_CASE("retry_budget: begins with its burst and ends with it", "[balancer][fault-B10]") {
  const time_point now{1h};
  retry_budget budget({.share = 0.2, .floor_per_s = 10, .burst = 3}, now);
  for (int i = 0; i < 3; ++i) CHECK(budget.try_retry(now));
  CHECK_FALSE(budget.try_retry(now));
  CHECK(budget.balance(now + 24h) == Approx(3));
}

TEST_CASE("retry_budget: a fifth of the requests may be tried again", "[balancer][fault-B10]") {
  const time_point now{1h};
  retry_budget budget({.share = 0.2, .floor_per_s = 0, .burst = 100}, now);
  while (budget.try_retry(now)) continue;
  for (int fifth = 0; fifth < 100; ++fifth) {
    for (int i = 0; i < 5; ++i) {
      CHECK_FALSE(budget.try_retry(now));
      budget.on_request(now);
    }
    CHECK(budget.try_retry(now));
  }
}

TEST_CASE("retry_budget: the floor allows retries without requests", "[balancer][fault-B10]") {
  time_point now{1h};
  retry_budget budget({.share = 0.2, .floor_per_s = 10, .burst = 1}, now);
  CHECK(budget.try_retry(now));
  for (int i = 0; i < 50; ++i) {
    CHECK_FALSE(budget.try_retry(now += 99ms));
    CHECK(budget.try_retry(now += 1ms));
  }
}

TEST_CASE("retry_budget: in a total outage attempts stay below 1.2 times the offered ones and the floor",
          "[balancer][fault-B10]") {
  const time_point start{1h};
  retry_budget budget({}, start);
  // 1,000 requests a second for a minute, each of which would try ten endpoints.
  int attempts = 0;
  for (int request = 0; request < 60'000; ++request) {
    const time_point now = start + request * 1ms;
    budget.on_request(now);
    ++attempts;
    for (int further = 0; further < 9 && budget.try_retry(now); ++further) ++attempts;
  }
  CHECK(attempts <= 1.2 * 60'000 + 10 * 60);
  // The requests use all of the budget, including the saved-up tokens.
  CHECK(attempts == Approx(1.2 * 60'000 + 100).margin(1));
}

TEST_CASE("retry_budget: the floor is what is allowed at least, not on top", "[balancer][fault-B10]") {
  for (const int per_s : {1, 10, 40, 60, 200, 1000}) {
    INFO(per_s << " requests/s");
    const time_point start{1h};
    retry_budget budget({.share = 0.2, .floor_per_s = 10, .burst = 1}, start);
    int retries = 0;
    for (int request = 1; request <= 60 * per_s; ++request) {
      const time_point now = start + request * std::chrono::nanoseconds(1s) / per_s;
      budget.on_request(now);
      while (budget.try_retry(now)) ++retries;
    }
    // A bucket of one token saves only one token of the floor between two requests.
    const double floor = std::min(10, per_s);
    CHECK(retries == Approx(60 * std::max(0.2 * per_s, floor)).margin(1.01));
  }
}

TEST_CASE("retry_budget: no window of time sees more than burst, share and floor allow", "[balancer][fault-B10]") {
  struct moment {
    double seconds;
    double requests;  // so far
    double retries;
  };
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const retry_budget_options options{.share = 0.1 * static_cast<double>(random() % 11),
                                       .floor_per_s = static_cast<double>(random() % 20),
                                       .burst = static_cast<double>(random() % 30)};
    time_point now{1h};
    retry_budget budget(options, now);
    std::vector<moment> moments{{0, 0, 0}};
    for (int i = 0; i < 1000; ++i) {
      moment next = moments.back();
      switch (random() % 4) {
        case 0: now += random() % 10 == 0 ? 1ms * (random() % 5000) : 1us * (random() % 50'000); break;
        case 1:
          budget.on_request(now);
          ++next.requests;
          break;
        default: next.retries += budget.try_retry(now);
      }
      next.seconds = std::chrono::duration<double>(now - time_point(1h)).count();
      moments.push_back(next);
    }
    double worst = -1;  // retries above the limit, over all windows
    for (std::size_t from = 0; from < moments.size(); ++from) {
      for (std::size_t to = from; to < moments.size(); ++to) {
        const moment& a = moments[from];
        const moment& b = moments[to];
        const double bound =
            options.burst + options.share * (b.requests - a.requests) + options.floor_per_s * (b.seconds - a.seconds);
        worst = std::max(worst, b.retries - a.retries - bound);
      }
    }
    CHECK(worst < 1e-5);
  }
}

TEST_CASE("retry_budget: a clock that stands still or goes back fills nothing", "[balancer][fault-B19]") {
  const time_point now{1h};
  retry_budget budget({.share = 0, .floor_per_s = 10, .burst = 1}, now);
  CHECK(budget.try_retry(now));
  CHECK_FALSE(budget.try_retry(now - 1min));
  CHECK_FALSE(budget.try_retry(now));
  CHECK(budget.try_retry(now + 100ms));
}

}  // namespace
