#include "sdconnect/balancer/attempt_limiter.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using namespace std::chrono_literals;
using time_point = attempt_limiter::time_point;

TEST_CASE("attempt_limiter: allows everything when there is no limit", "[balancer]") {
  const time_point now{1h};
  attempt_limiter limiter({}, now);
  for (int i = 0; i < 100'000; ++i) REQUIRE(limiter.try_attempt(now));
  CHECK(limiter.next(now) == now);
}

TEST_CASE("attempt_limiter: a burst, then the rate", "[balancer]") {
  time_point now{1h};
  attempt_limiter limiter({.attempts_per_s = 50, .burst = 5}, now);
  for (int i = 0; i < 5; ++i) CHECK(limiter.try_attempt(now));
  for (int i = 0; i < 200; ++i) {
    CHECK_FALSE(limiter.try_attempt(now));
    CHECK(limiter.next(now) - now <= 20ms + 1ns);
    CHECK(limiter.next(now) - now >= 20ms - 1ns);
    now = limiter.next(now);
    CHECK(limiter.try_attempt(now));
  }
}

TEST_CASE("attempt_limiter: the time it names is one at which an attempt may be made", "[balancer]") {
  const auto per_s = GENERATE(0.001, 0.3, 1.0, 3.0, 7.0, 999.0, 1e6, 1e12);
  time_point now{1h};
  attempt_limiter limiter({.attempts_per_s = per_s, .burst = 1}, now);
  for (int i = 0; i < 1000; ++i) {
    CHECK(limiter.try_attempt(now));
    now = limiter.next(now);
  }
}

TEST_CASE("attempt_limiter: a burst below one is one", "[balancer]") {
  const time_point now{1h};
  attempt_limiter limiter({.attempts_per_s = 1, .burst = 0}, now);
  CHECK(limiter.try_attempt(now));
  CHECK_FALSE(limiter.try_attempt(now));
  CHECK(limiter.next(now) == now + 1s);
}

TEST_CASE("attempt_limiter: so slow a rate that a century does not suffice is never", "[balancer]") {
  const time_point now{1h};
  attempt_limiter limiter({.attempts_per_s = 1e-12, .burst = 1}, now);
  CHECK(limiter.try_attempt(now));
  CHECK(limiter.next(now) == time_point::max());
}

}  // namespace
