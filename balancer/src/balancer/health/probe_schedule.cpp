#include "sdconnect/balancer/probe_schedule.hpp"

#include "net/base/jitter.hpp"
#include "sdconnect/balancer/health_options.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect {

using namespace detail;

probe_schedule::probe_schedule(const probe_schedule_options& options, random_engine random)
    : options_(options), random_(random) {
  // At least a millisecond, or one endpoint would be due again and again at the same moment.
  options_.interval = std::clamp(options_.interval, std::chrono::milliseconds(1), health_options::greatest_time);
  options_.hurried_interval = std::clamp(options_.hurried_interval, std::chrono::milliseconds(1), options_.interval);
  options_.jitter = std::clamp(options_.jitter, 0.0, 1.0);
  options_.at_once = std::max<std::size_t>(options_.at_once, 1);
}

void probe_schedule::add(std::uint32_t id, time_point now) {
  const auto [at, is_new] = entries_.try_emplace(id);
  if (!is_new) return;
  const std::chrono::nanoseconds interval = options_.interval;
  at->second.due = now + std::chrono::nanoseconds(uniform_below(random_, static_cast<std::uint64_t>(interval.count())));
  waiting_.insert({at->second.due, id});
}

void probe_schedule::remove(std::uint32_t id) {
  const auto at = entries_.find(id);
  if (at == entries_.end()) return;
  if (at->second.is_under_way) {
    --under_way_;
  } else {
    waiting_.erase({at->second.due, id});
  }
  entries_.erase(at);
}

void probe_schedule::set_hurried(std::uint32_t id, bool is_hurried, time_point now) {
  const auto at = entries_.find(id);
  if (at == entries_.end() || at->second.is_hurried == is_hurried) return;
  entry& changing = at->second;
  changing.is_hurried = is_hurried;
  if (!is_hurried || changing.is_under_way) return;
  const time_point sooner = draw(changing, now);
  if (sooner >= changing.due) return;
  waiting_.erase({changing.due, id});
  changing.due = sooner;
  waiting_.insert({sooner, id});
}

probe_schedule::time_point probe_schedule::next_due() const noexcept {
  if (waiting_.empty() || under_way_ >= options_.at_once) return time_point::max();
  return waiting_.begin()->first;
}

std::optional<std::uint32_t> probe_schedule::take_due(time_point now) {
  if (next_due() > now) return std::nullopt;
  const std::uint32_t id = waiting_.begin()->second;
  waiting_.erase(waiting_.begin());
  entry& taken = entries_.at(id);
  taken.due = now;
  taken.is_under_way = true;
  ++under_way_;
  return id;
}

void probe_schedule::done(std::uint32_t id, time_point now) {
  const auto at = entries_.find(id);
  if (at == entries_.end() || !at->second.is_under_way) return;
  entry& ended = at->second;
  ended.is_under_way = false;
  --under_way_;
  ended.due = std::max(draw(ended, ended.due), now);
  waiting_.insert({ended.due, id});
}

probe_schedule::time_point probe_schedule::draw(const entry& of, time_point from) {
  return from + jittered(of.is_hurried ? options_.hurried_interval : options_.interval, options_.jitter, random_);
}

}  // namespace sdconnect
