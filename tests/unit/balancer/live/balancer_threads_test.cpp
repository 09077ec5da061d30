#include "sdconnect/balancer/balancer.hpp"
#include "unit/balancer/balancer_scene.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using namespace std::chrono_literals;

TEST_CASE("balancer: threads that pick, use, report, publish and look do not disturb each other",
          "[balancer][threads][fault-B16]") {
  const selection_policy policy = GENERATE(selection_policy::rfc2782, selection_policy::least_loaded,
                                           selection_policy::hash, selection_policy::ordered);
  constexpr std::uint32_t limit = 2;
  const balancer::time_point start{1000s};
  balancer subject({.policy = policy, .max_in_flight = limit, .seed = 1}, start);
  const std::vector<endpoint> some = test::make_tier({1, 2, 3});
  std::vector<endpoint> more = test::make_tier({5, 0, 3, 7, 9});
  subject.update(some, start);

  std::atomic<bool> is_over{false};
  std::atomic<bool> is_wrong{false};
  const auto pick_for_ever = [&] {
    while (!is_over) {
      const balanced_endpoint* const picked = subject.pick();
      if (picked == nullptr || picked->where.target.is_root()) is_wrong = true;
    }
  };
  const auto report_for_ever = [&] {
    balancer::time_point now = start;
    for (std::size_t i = 0; !is_over; ++i) {
      now += 10ms;
      const balanced_endpoint* const picked = i % 2 == 0 ? subject.pick() : subject.pick(i);
      subject.report(*picked->record, i % 5 == 0 ? outcome_kind::reset : outcome_kind::connected, 5us, now, now);
    }
  };
  const auto lease_for_ever = [&] {
    balancer::time_point now = start;
    for (std::size_t i = 0; !is_over; ++i) {
      now += 10ms;
      std::optional<endpoint_use> held = subject.acquire(now);
      if (!held) continue;
      if (held->record().in_flight() > limit) is_wrong = true;
      held->report(i % 7 == 0 ? outcome_kind::refused : outcome_kind::connected, 5us, now);
    }
  };
  const auto plan_for_ever = [&] {
    balancer::time_point now = start;
    while (!is_over) {
      now += 10ms;
      const attempt_plan plan = subject.plan(now);
      for (std::size_t i = 0; i < plan.order.size(); ++i) {
        const std::optional<endpoint_use> held = subject.try_acquire(plan, i, now);
        if (plan[i].where.port != 80) is_wrong = true;
      }
    }
  };
  std::vector<std::thread> threads;
  for (const std::function<void()>& work : std::vector<std::function<void()>>{
           pick_for_ever, report_for_ever, lease_for_ever, lease_for_ever, plan_for_ever}) {
    threads.emplace_back(work);
  }
  for (int i = 0; i < 10'000; ++i) {
    const balancer::time_point now = start + i * 10ms;
    more[0].addresses = {ip_address::v4({192, 0, 2, static_cast<std::uint8_t>(i / 10)})};
    subject.update(i % 2 == 0 ? more : some, now);
    subject.report_probe(*subject.endpoints()->front().record, i % 5 != 0, now);
    for (const endpoint_status& s : subject.status()) {
      if (s.share < 0 || s.share > 1) is_wrong = true;
    }
    subject.advance(now);
    if (i % 100 == 0) subject.reset_health(now);
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(is_wrong);
  for (const endpoint_status& s : subject.status()) CHECK(s.stats.in_flight == 0);
}

}  // namespace
