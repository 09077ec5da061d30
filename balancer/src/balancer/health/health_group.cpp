#include "sdconnect/balancer/health_group.hpp"

#include "balancer/health/endpoint_health_machine.hpp"
#include "balancer/health/outliers.hpp"
#include "net/base/jitter.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace sdconnect {

using namespace detail;
namespace {

using context = endpoint_health_machine::context;

constexpr auto never = health_group::time_point::max();

/// Clamps values that make no sense and would divide by zero or go back in time.
health_options made_sound(health_options options) noexcept {
  using std::chrono::milliseconds;
  for (milliseconds* time : {&options.first_demotion, &options.relapse, &options.base_ejection, &options.max_ejection,
                             &options.outlier_interval, &options.slow_start}) {
    *time = std::clamp(*time, milliseconds(0), health_options::greatest_time);
  }
  for (std::uint32_t* count : {&options.fall, &options.rise, &options.overtaken_fall}) *count = std::max(*count, 1U);
  options.jitter = std::clamp(options.jitter, 0.0, 1.0);
  options.max_ejected_share = std::clamp(options.max_ejected_share, 0.0, 1.0);
  return options;
}

}  // namespace

struct health_group::member {
  endpoint_health_machine machine;
  time_point due = never;      // its time in due_
  std::uint32_t attempts = 0;  // since the last sweep
  std::uint32_t successes = 0;
  bool is_present = true;
  bool is_usable = true;

  [[nodiscard]] bool is_serving() const noexcept { return is_usable && machine.is_serving(); }
  [[nodiscard]] bool is_outlier_down() const noexcept { return is_usable && machine.is_outlier_down(); }
};

health_group::health_group(const health_options& options, random_engine random)
    : options_(made_sound(options)), random_(random) {}
health_group::health_group(health_group&& other) noexcept = default;
health_group& health_group::operator=(health_group&& other) noexcept = default;
health_group::~health_group() = default;

std::uint32_t health_group::add(time_point now) {
  ++usable_;
  ++serving_;
  if (free_.empty()) {
    members_.push_back({endpoint_health_machine(now)});
    return static_cast<std::uint32_t>(members_.size() - 1);
  }
  std::pop_heap(free_.begin(), free_.end(), std::greater<>());
  const std::uint32_t id = free_.back();
  free_.pop_back();
  members_[id] = {endpoint_health_machine(now)};
  return id;
}

void health_group::remove(std::uint32_t id) {
  member& leaving = members_[id];
  if (leaving.due != never) due_.erase({leaving.due, id});
  set_usable(id, false);
  leaving.is_present = false;
  free_.push_back(id);
  std::push_heap(free_.begin(), free_.end(), std::greater<>());
}

void health_group::set_usable(std::uint32_t id, bool is_usable) {
  member& one = members_[id];
  const auto count = [&](std::size_t change) {
    usable_ += change;
    serving_ += one.machine.is_serving() ? change : 0;
    outliers_ += one.machine.is_outlier_down() ? change : 0;
  };
  if (one.is_usable == is_usable) return;
  one.is_usable = is_usable;
  count(is_usable ? 1 : ~std::size_t{0});
}

bool health_group::report(std::uint32_t id, outcome_kind outcome, time_point started, time_point now) {
  const bool was_changed = advance(now);
  const bool is_ignored = outcome == outcome_kind::closed_silently && !options_.silent_close_is_failure;
  if (says_nothing(outcome) || is_ignored) return was_changed;

  const bool is_success = outcome == outcome_kind::connected;
  ++members_[id].attempts;
  members_[id].successes += is_success;
  if (sweep_due_ == never && options_.detect_outliers) {
    sweep_due_ = now + jittered(options_.outlier_interval, options_.jitter, random_);
  }

  const bool had_serving = serving_ > 0;
  const bool is_changed = apply(id, [&](endpoint_health_machine& machine) {
    const context in{options_, random_, now};
    if (is_success) return machine.on_success(started, in);
    machine.on_failure(outcome, started, in);
  });
  return settle(had_serving, now) || is_changed || was_changed;
}

bool health_group::report_probe(std::uint32_t id, bool is_good, time_point now) {
  const bool was_changed = advance(now);
  const bool had_serving = serving_ > 0;
  const bool is_changed = apply(id, [&](endpoint_health_machine& machine) {
    machine.on_probe(is_good, {options_, random_, now});
  });
  return settle(had_serving, now) || is_changed || was_changed;
}

bool health_group::advance(time_point now) {
  bool is_changed = false;
  while (!due_.empty() && due_.begin()->first <= now) {
    is_changed |= apply(due_.begin()->second, [&](endpoint_health_machine& machine) {
      machine.advance({options_, random_, now});
    });
  }
  if (sweep_due_ <= now) is_changed |= eject_outliers(now);
  return settle(true, now) || is_changed;
}

health_group::time_point health_group::next_change() const noexcept {
  if (serving_ == 0 && outliers_ > 0) return time_point::min();  // the last endpoint in use was removed
  return due_.empty() ? never : due_.begin()->first;
}

bool health_group::advance_trial(std::uint32_t id, time_point now) {
  return apply(id, [&](endpoint_health_machine& machine) { machine.advance_trial({options_, random_, now}); });
}

bool health_group::reset(time_point now) {
  sweep_due_ = never;
  bool is_changed = false;
  for (std::uint32_t id = 0; id < members_.size(); ++id) {
    if (members_[id].is_present) is_changed |= reset(id, now);
  }
  return is_changed;
}

bool health_group::reset(std::uint32_t id, time_point now) {
  members_[id].attempts = members_[id].successes = 0;
  return apply(id, [&](endpoint_health_machine& machine) { machine = endpoint_health_machine(now); });
}

const endpoint_health& health_group::of(std::uint32_t id) const noexcept { return members_[id].machine.shown(); }

/// Lets the machine of `id` take one step, and updates the counts and the set of due times.
template <class Event>
bool health_group::apply(std::uint32_t id, const Event& event) {
  member& changing = members_[id];
  endpoint_health_machine& machine = changing.machine;
  const health_state state = machine.shown().state;
  const std::uint16_t share = machine.shown().weight_share;
  serving_ -= changing.is_serving();
  outliers_ -= changing.is_outlier_down();
  event(machine);
  serving_ += changing.is_serving();
  outliers_ += changing.is_outlier_down();

  if (const time_point due = machine.next_change(); due != changing.due) {
    if (changing.due != never) due_.erase({changing.due, id});
    if (due != never) due_.insert({due, id});
    changing.due = due;
  }
  return state != machine.shown().state || share != machine.shown().weight_share;
}

template <class Event>
bool health_group::apply_to_all(const Event& event) {
  bool is_changed = false;
  for (std::uint32_t id = 0; id < members_.size(); ++id) {
    if (members_[id].is_present) is_changed |= apply(id, event);
  }
  return is_changed;
}

/// Rule 5. At least one is kept: of those in use, the best one judged is not below the mean.
bool health_group::eject_outliers(time_point now) {
  sweep_due_ = never;
  std::vector<attempt_tally> tallies;
  for (std::uint32_t id = 0; id < members_.size(); ++id) {
    member& judged = members_[id];
    if (judged.is_present && judged.is_serving()) tallies.push_back({id, judged.attempts, judged.successes});
    judged.attempts = judged.successes = 0;
  }
  bool is_changed = false;
  for (const std::uint32_t id : find_outliers(tallies, options_)) {
    const auto share_out = static_cast<double>(outliers_ + 1) / static_cast<double>(usable_);
    if (share_out > options_.max_ejected_share) break;
    is_changed |= apply(id, [&](endpoint_health_machine& machine) {
      machine.eject_as_outlier({options_, random_, now});
    });
  }
  return is_changed;
}

/// The parts of rules 5 and 6 about the last endpoint to go out of use and the first to come back.
bool health_group::settle(bool had_serving, time_point now) {
  const context in{options_, random_, now};
  if (!had_serving && serving_ > 0)
    return apply_to_all([&](endpoint_health_machine& machine) { machine.advance_trial(in); });
  if (serving_ > 0 || outliers_ == 0) return false;
  return apply_to_all([&](endpoint_health_machine& machine) { machine.release(in); });
}

}  // namespace sdconnect
