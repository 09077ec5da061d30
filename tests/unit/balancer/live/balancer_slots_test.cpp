#include "sdconnect/balancer/balancer.hpp"
#include "support/heap_meter.hpp"
#include "unit/balancer/balancer_scene.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using test::balancer_scene;
using test::host;

TEST_CASE("balancer: a generator of the caller's own decides alone", "[balancer]") {
  balancer_scene scene({}, test::make_tier({1, 2, 3, 4, 5, 6}));
  balancer_scene other({.seed = 9}, test::make_tier({1, 2, 3, 4, 5, 6}));
  random_engine random(1), again(1);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(scene.subject.pick(random)->where.target == other.subject.pick(again)->where.target);
  }
}

TEST_CASE("balancer: more balancers than slots get along in one thread", "[balancer]") {
  std::vector<std::unique_ptr<balancer_scene>> scenes;
  for (int i = 0; i < 20; ++i) {
    const std::string label = "h" + std::to_string(i);
    scenes.push_back(std::make_unique<balancer_scene>(balancer_options{}, std::vector<endpoint>{host(label)}));
  }
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < scenes.size(); ++i) REQUIRE(scenes[i]->pick() == "h" + std::to_string(i));
  }
}

TEST_CASE("balancer: what was picked lives until the next pick, whatever becomes of the set", "[balancer][fault-B16]") {
  auto scene = std::make_unique<balancer_scene>(balancer_options{}, std::vector<endpoint>{host("a")});
  const balanced_endpoint* const picked = scene->subject.pick();
  scene->update({host("b")});
  CHECK(picked->where.target.first_label() == "a");
  scene.reset();
  CHECK(picked->where.target.first_label() == "a");
}

TEST_CASE("balancer: a list that is walked does not change under the walker", "[balancer][fault-B16]") {
  balancer_scene scene({}, test::make_tier({1, 1, 1, 1}));
  const auto set = scene.subject.endpoints();
  const attempt_plan plan = scene.subject.plan(scene.now);
  std::size_t walked = 0;
  for (const balanced_endpoint& e : *set) {
    scene.update(test::make_tier(std::vector<std::uint32_t>(10 - walked, 2)));
    scene.fail("host0");
    CHECK(e.where.weight == 1);
    ++walked;
  }
  CHECK(walked == 4);
  CHECK(plan.order.size() == 4);
  for (std::size_t i = 0; i < plan.order.size(); ++i) CHECK(plan[i].where.weight == 1);
}

TEST_CASE("balancer: a pick allocates nothing", "[balancer]") {
  if (!test::heap_meter::is_counting()) return;
  const selection_policy policy = GENERATE(selection_policy::rfc2782, selection_policy::ordered,
                                           selection_policy::least_loaded, selection_policy::hash);
  balancer_scene scene({.policy = policy}, test::make_tier({1, 2, 3, 4}));
  const bool is_guarded = GENERATE(false, true);
  if (is_guarded) {
    scene.fail("host1");
    scene.wait_until("host1", health_state::trial);
  }
  random_engine random(1);
  static_cast<void>(scene.subject.pick());
  const test::heap_meter meter;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    static_cast<void>(scene.subject.pick());
    static_cast<void>(scene.subject.pick(random));
    static_cast<void>(scene.subject.pick(i));
  }
  CHECK(meter.allocations() == 0);
}

/// Returns the picks of a child process, as one digit each.
std::string picks_of_child(balancer& subject) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::string picked;
    for (int i = 0; i < 60; ++i) picked += subject.pick()->where.target.first_label().back();
    const bool is_written = write(ends[1], picked.data(), picked.size()) == static_cast<ssize_t>(picked.size());
    _exit(is_written ? 0 : 1);
  }
  close(ends[1]);
  std::string read_back(60, '?');
  std::size_t size = 0;
  while (size < read_back.size()) {
    const ssize_t more = read(ends[0], read_back.data() + size, read_back.size() - size);
    if (more <= 0) break;
    size += static_cast<std::size_t>(more);
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  return read_back;
}

TEST_CASE("balancer: children of one process choose differently", "[balancer][fault-B18][fault-X37]") {
  const balancer::time_point now{};
  balancer subject({}, now);
  subject.update(test::make_tier({1, 1, 1, 1, 1, 1, 1, 1}), now);
  static_cast<void>(subject.pick());
  std::set<std::string> all;
  for (int i = 0; i < 3; ++i) all.insert(picks_of_child(subject));
  CHECK(all.size() == 3);  // two equal sequences of 60 out of 8 have probability 8^-60
}

}  // namespace
