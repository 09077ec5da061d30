#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/net/random.hpp"
#include "unit/balancer/balancer_scene.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using namespace std::chrono_literals;

/// A zone of at most six endpoints, and the expected knowledge about each: whether it has been
/// listed continuously, under the same addresses, since it failed.
class churned_zone {
 public:
  explicit churned_zone(std::uint64_t seed) : random_(seed), subject_({.seed = seed}, now_) {}

  void step() {
    now_ += 1us;  // prevents any return by time: the whole test takes less than a second of its own time
    const std::uint64_t which = uniform_below(random_, names_.size());
    endpoint& e = names_[which];
    if (!is_listed_[which]) {
      is_listed_[which] = true;
      has_failed_[which] = false;
    } else {
      edit(which, e);
    }
    list_.clear();
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (is_listed_[i]) list_.push_back(names_[i]);
    }
    subject_.update(list_, now_);
    check();
  }

  [[nodiscard]] bool is_right() const noexcept { return is_right_; }

 private:
  void edit(std::size_t which, endpoint& e) {
    switch (uniform_below(random_, 6)) {
      case 0: is_listed_[which] = false; return;
      case 1: e.weight = static_cast<std::uint32_t>(uniform_below(random_, 4)); return;
      case 2: e.priority = static_cast<std::uint16_t>(uniform_below(random_, 3)); return;
      case 3: {  // one more address, then without the old one
        e.addresses.insert(e.addresses.begin(), new_address());
        if (e.addresses.size() > 2) e.addresses.pop_back();
        return;
      }
      case 4:
        e.addresses = {new_address()};
        has_failed_[which] = false;
        return;
      default: fail(which); return;
    }
  }

  void fail(std::size_t which) {
    const auto set = subject_.endpoints();
    for (const balanced_endpoint& e : *set) {
      if (e.where.port != names_[which].port) continue;
      subject_.report(*e.record, outcome_kind::refused, 0us, now_, now_);
      has_failed_[which] = true;
    }
  }

  ip_address new_address() {
    ++last_address_;
    return ip_address::v4({10, static_cast<std::uint8_t>(last_address_ >> 16),
                           static_cast<std::uint8_t>(last_address_ >> 8), static_cast<std::uint8_t>(last_address_)});
  }

  /// The port identifies the endpoint.
  void check() {
    const auto set = subject_.endpoints();
    bool is_same = set->size() == list_.size();
    std::uint16_t best = 0xffff;  // the best priority that has an endpoint without a failure
    bool all_failed = true;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!is_listed_[i]) continue;
      if (!has_failed_[i]) best = std::min(best, names_[i].priority);
      all_failed = all_failed && has_failed_[i];
    }
    for (const balanced_endpoint& e : *set) {
      const std::size_t which = e.where.port - first_port;
      is_same = is_same && is_listed_[which] && e.where.weight == names_[which].weight &&
                e.where.priority == names_[which].priority && e.where.addresses == names_[which].addresses;
    }
    const balanced_endpoint* const picked = subject_.pick();
    if (picked == nullptr) {
      is_same = is_same && list_.empty();
    } else {
      const std::size_t which = picked->where.port - first_port;
      is_same = is_same && is_listed_[which] && (all_failed || (!has_failed_[which] && picked->where.priority == best));
    }
    if (uniform_below(random_, 16) == 0) is_same = is_same && plans_what_did_not_fail(all_failed);
    is_right_ = is_right_ && is_same;
  }

  /// Returns whether the plan lists the endpoints without a failure first, and can use all of them.
  bool plans_what_did_not_fail(bool all_failed) {
    const attempt_plan plan = subject_.plan(now_);
    std::size_t well = 0;
    for (std::size_t i = 0; i < names_.size(); ++i) well += is_listed_[i] && !has_failed_[i] ? 1 : 0;
    bool is_right = plan.order.size() == list_.size() && plan.usable == (all_failed ? 0 : well);
    for (std::size_t at = 0; at < plan.usable; ++at) {
      is_right = is_right && subject_.try_acquire(plan, at, now_).has_value();
    }
    return is_right;
  }

  static constexpr std::uint16_t first_port = 8000;

  random_engine random_;
  balancer::time_point now_{1000s};
  balancer subject_;
  std::vector<endpoint> names_ = [] {
    std::vector<endpoint> names;
    for (std::uint16_t i = 0; i < 6; ++i) {
      names.push_back(test::host(i % 2 == 0 ? "even" : "odd", 1, 0, static_cast<std::uint16_t>(first_port + i), {i}));
    }
    return names;
  }();
  std::vector<bool> is_listed_ = std::vector<bool>(6);
  std::vector<bool> has_failed_ = std::vector<bool>(6);
  std::vector<endpoint> list_;
  std::uint32_t last_address_ = 0;
  bool is_right_ = true;
};

TEST_CASE("balancer: a million edits of zones, and after each the live set is the zone, with its health",
          "[balancer][fault-S23][fault-S24][fault-B8][fault-B16]") {
  const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U);
  CAPTURE(seed);
  churned_zone zone(seed);
  for (int i = 0; i < 250'000; ++i) {
    zone.step();
    if (!zone.is_right()) {
      CAPTURE(i);
      REQUIRE(zone.is_right());
    }
  }
}

}  // namespace
