// Use by a program without its own clock and with keys of any integer type.
#include "sdconnect/balancer/attempt_limiter.hpp"
#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/balancer/retry_budget.hpp"
#include "unit/balancer/balancer_scene.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using test::balancer_scene;
using test::host;
using namespace std::chrono_literals;

template <class Key>
concept can_pick_by = requires(balancer& from, Key key) {
  from.pick(key);
};
template <class Key>
concept can_acquire_by = requires(balancer& from, Key key) {
  from.acquire(key);
};
template <class Key>
concept can_plan_by = requires(balancer& from, Key key) {
  from.plan(key);
};

static_assert(can_pick_by<char> && can_pick_by<short> && can_pick_by<int> && can_pick_by<unsigned> &&
              can_pick_by<long> && can_pick_by<unsigned long long> && can_pick_by<std::int8_t>);
static_assert(can_pick_by<random_engine&> && can_pick_by<std::mt19937_64&>);
static_assert(!can_pick_by<bool> && !can_pick_by<float> && !can_pick_by<double> && !can_pick_by<std::string>);
static_assert(can_acquire_by<int> && can_acquire_by<balancer::time_point> && !can_acquire_by<bool> &&
              !can_acquire_by<double>);
static_assert(can_plan_by<unsigned> && can_plan_by<balancer::time_point> && !can_plan_by<bool> && !can_plan_by<float>);

TEST_CASE("balancer: a key may be an integer of any type, and equal numbers are equal keys", "[balancer]") {
  std::vector<endpoint> endpoints;
  for (int i = 0; i < 20; ++i) endpoints.push_back(host("h" + std::to_string(i)));
  balancer_scene scene({.policy = selection_policy::hash}, endpoints);
  balancer& subject = scene.subject;
  for (int key = 0; key < 100; ++key) {
    const balanced_endpoint* const expected = subject.pick(static_cast<std::uint64_t>(key));
    CHECK(subject.pick(key) == expected);
    CHECK(subject.pick(static_cast<unsigned>(key)) == expected);
    CHECK(subject.pick(static_cast<short>(key)) == expected);
    CHECK(subject.pick(static_cast<std::int8_t>(key)) == expected);
    CHECK(subject.acquire(key)->where().target == expected->where.target);
    CHECK(subject.acquire(scene.now, key)->where().target == expected->where.target);
    CHECK(subject.plan(key)[0].where.target == expected->where.target);
  }
  CHECK(subject.pick(-1) == subject.pick(std::numeric_limits<std::uint64_t>::max()));
  CHECK(subject.pick(7) == subject.pick(7u));
}

TEST_CASE("balancer: a generator of one's own is called, a key is not", "[balancer]") {
  balancer_scene scene({}, {host("a"), host("b")});
  std::mt19937_64 random(1), untouched(1);
  static_cast<void>(scene.subject.pick(random));
  CHECK(random != untouched);
}

TEST_CASE("balancer: all of it can be used without a clock", "[balancer]") {
  balancer subject;
  subject.update(std::vector{host("a"), host("b", 1, 1)});
  REQUIRE(subject.pick() != nullptr);
  CHECK(subject.pick()->where.target.first_label() == "a");

  std::optional<endpoint_use> held = subject.acquire();
  REQUIRE(held);
  held->report(outcome_kind::connected);
  held->report(outcome_kind::refused, 0us);
  CHECK(subject.pick()->where.target.first_label() == "b");  // `a` is down for at least a second
  subject.reset_health();
  CHECK(subject.pick()->where.target.first_label() == "a");

  const attempt_plan plan = subject.plan();
  REQUIRE(plan.order.size() == 2);
  CHECK(subject.try_acquire(plan, 1)->where().target.first_label() == "b");

  const auto began = balancer::clock::now();
  subject.report(*(*subject.endpoints())[0].record, outcome_kind::timed_out, 0us, began);
  for (int i = 0; i < 3; ++i) subject.report_probe(*(*subject.endpoints())[1].record, false);
  subject.advance();
  for (const endpoint_status& status : subject.status()) CHECK(status.health.state == health_state::down);
}

TEST_CASE("endpoint use: a report without a latency tells the time since the use began", "[balancer]") {
  balancer subject;
  subject.update(std::vector{host("a")});
  std::optional<endpoint_use> held = subject.acquire(balancer::clock::now() - 100ms);
  REQUIRE(held);
  held->report(outcome_kind::connected);
  CHECK(held->record().stats().latency_sum >= 100ms);
  CHECK(held->record().stats().latency_sum < 100s);
  // A use with a time ahead of the clock.
  std::optional<endpoint_use> early = subject.acquire(balancer::clock::now() + 1h);
  REQUIRE(early);
  early->report(outcome_kind::connected);
  CHECK(held->record().stats().latency_sum < 100s);
}

TEST_CASE("retry budget and attempt limiter: both can be used without a clock", "[balancer]") {
  retry_budget budget({.share = 0, .floor_per_s = 0, .burst = 2});
  budget.on_request();
  CHECK(budget.balance() == Approx(2));
  CHECK(budget.try_retry());
  CHECK(budget.try_retry());
  CHECK_FALSE(budget.try_retry());
  CHECK(retry_budget().try_retry());

  attempt_limiter limiter({.attempts_per_s = 0.001, .burst = 1});
  CHECK(limiter.try_attempt());
  CHECK_FALSE(limiter.try_attempt());
  CHECK(limiter.next() > attempt_limiter::clock::now() + 100s);
  CHECK(attempt_limiter().try_attempt());  // no limit
}

}  // namespace
