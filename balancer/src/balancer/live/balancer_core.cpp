#include "balancer/live/balancer_core.hpp"

#include "balancer/live/half_open_token.hpp"
#include "balancer/live/thread_slots.hpp"
#include "net/base/jitter.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

/// Interval between renewals of trial tokens. A token that a pick() took without a report is
/// released after one to two intervals.
constexpr std::chrono::seconds trial_renewal{10};

constexpr auto never = balancer_core::time_point::max();

balancer_options made_sound(balancer_options options) noexcept {
  if (!(options.overprovisioning >= 1)) options.overprovisioning = 1;
  using std::chrono::milliseconds;
  if (options.drain_deadline == milliseconds::max()) options.drain_deadline = milliseconds(0);
  for (milliseconds* time : {&options.return_hold, &options.drain_deadline, &options.reshuffle}) {
    *time = std::clamp(*time, milliseconds(0), health_options::greatest_time);
  }
  return options;
}

random_engine engine_of(const balancer_options& options) {
  constexpr std::uint64_t writers = 0x77726974657273;  // a different sequence from that of the picks
  return options.seed ? random_engine(*options.seed ^ writers) : random_engine::from_os_entropy();
}

}  // namespace

balancer_core::balancer_core(const balancer_options& options, time_point now)
    : options_(made_sound(options)),
      id_(unique_number()),
      latest_(now),
      random_(engine_of(options)),
      health_(options.health, random_engine(random_())),
      set_(std::make_shared<indexed_set>()),
      renew_trials_at_(now + trial_renewal) {
  publish(now);
}

/// Makes times monotonic: threads read `now` before they have the lock.
balancer_core::time_point balancer_core::not_back(time_point now) noexcept { return latest_ = std::max(latest_, now); }

void balancer_core::report(endpoint_record& record, outcome_kind outcome, std::chrono::microseconds latency,
                           time_point started, time_point now) {
  record.count(outcome, latency);
  const std::lock_guard lock(mutex_);
  if (record.is_draining_.load(std::memory_order_relaxed)) return;
  now = not_back(now);
  bool is_changed = do_what_is_due(now);
  // An attempt that began earlier tells nothing about the attempt that holds the token.
  if (started >= health_.of(record.health_id_).since) free_token(record.trial_, true);
  if (health_.report(record.health_id_, outcome, started, now)) is_changed |= sync_after_report(record.health_id_, now);
  finish(is_changed, now);
}

void balancer_core::report_probe(const endpoint_record& probed, bool is_good, time_point now) {
  const std::lock_guard lock(mutex_);
  if (probed.is_draining_.load(std::memory_order_relaxed)) return;
  now = not_back(now);
  bool is_changed = do_what_is_due(now);
  if (health_.report_probe(probed.health_id_, is_good, now)) is_changed |= sync_after_report(probed.health_id_, now);
  finish(is_changed, now);
}

void balancer_core::advance(time_point now) {
  const std::lock_guard lock(mutex_);
  now = not_back(now);
  finish(do_what_is_due(now), now);
}

void balancer_core::reset_health(time_point now) {
  const std::lock_guard lock(mutex_);
  now = not_back(now);
  bool is_changed = do_what_is_due(now);
  if (health_.reset(now)) is_changed |= publish_all_health();
  finish(is_changed, now);
}

balancer_core::time_point balancer_core::next_change() const {
  return time_point(time_point::duration(next_change_.load(std::memory_order_relaxed)));
}

balancer_core::time_point balancer_core::compute_next_change() const noexcept {
  return std::min({health_.next_change(), held_until_, reshuffle_at_, trials_ > 0 ? renew_trials_at_ : never});
}

/// Returns true if there is something to publish.
bool balancer_core::do_what_is_due(time_point now) {
  bool is_changed = health_.advance(now) && publish_all_health();
  if (trials_ > 0 && renew_trials_at_ <= now) {
    for (std::size_t i = 0; i < published_health_.size(); ++i) {
      const bool is_first = first_positions_[set_->health_ids[i]] == i;  // of the positions that share the record
      if (published_health_[i].state != health_state::trial || !is_first) continue;
      endpoint_record& record = *set_->endpoints[i].record;
      const std::uint32_t held = record.trial_.load(std::memory_order_relaxed);
      if (held == record.seen_token_) free_token(record.trial_, true);
      record.seen_token_ = held;
    }
    renew_trials_at_ = now + trial_renewal;
  }
  if (held_until_ <= now) is_changed = true;
  if (reshuffle_at_ <= now) {
    reshuffle(now);
    is_changed = true;
  }
  return is_changed;
}

void balancer_core::finish(bool is_changed, time_point now) {
  if (is_changed) publish(now);
  next_change_.store(compute_next_change().time_since_epoch().count(), std::memory_order_relaxed);
}

void balancer_core::set_state(endpoint_record& record, health_state latest) noexcept {
  const health_state before = record.state_.exchange(latest, std::memory_order_relaxed);
  if (before != latest) free_token(record.trial_, false);
}

/// Copies the current health. Returns true if it differs from before.
bool balancer_core::publish_health(std::uint32_t id) {
  const endpoint_health& health = health_.of(id);
  const published_health latest{health.weight_share, health.state};
  bool is_changed = false;
  for (std::uint32_t at = first_positions_[id]; at != indexed_set::npos; at = set_->next_same[at]) {
    published_health& held = published_health_[at];
    if (held == latest) continue;
    is_changed = true;
    trials_ += (latest.state == health_state::trial) - (held.state == health_state::trial);
    if (set_->can_be_tried[at]) {
      const auto is_serving = [](health_state s) { return s == health_state::up || s == health_state::warming; };
      serving_ += is_serving(latest.state) - is_serving(held.state);
      tier_counts& counts = counts_[set_->tier_of[at]];
      counts.remove(held.state);
      counts.add(latest.state);
    }
    set_state(*set_->endpoints[at].record, latest.state);
    held = latest;
  }
  return is_changed;
}

bool balancer_core::publish_all_health() {
  bool is_changed = false;
  for (std::size_t at = 0; at < published_health_.size(); ++at) is_changed |= publish_health(set_->health_ids[at]);
  return is_changed;
}

/// A report changes the health of its endpoint, and that of others only if nothing served before or
/// nothing serves now (rules 5 and 6 of health_group). When the first endpoint of a tier is back,
/// the others go on trial early, so that it does not bear the whole load.
bool balancer_core::sync_after_report(std::uint32_t id, time_point now) {
  const bool had_serving = serving_ > 0;
  std::vector<std::uint32_t> dead_tiers;
  for (std::uint32_t at = first_positions_[id]; at != indexed_set::npos; at = set_->next_same[at]) {
    if (counts_[set_->tier_of[at]].serving == 0) dead_tiers.push_back(set_->tier_of[at]);
  }
  bool is_changed = publish_health(id);
  if (!had_serving || serving_ == 0) is_changed |= publish_all_health();

  for (const std::uint32_t tier : dead_tiers) {
    if (counts_[tier].serving == 0) continue;
    for (const candidate& c : set_->candidates_of(set_->tiers[tier])) {
      if (published_health_[c.index].state != health_state::down) continue;
      const std::uint32_t other = set_->health_ids[c.index];
      if (health_.advance_trial(other, now)) is_changed |= publish_health(other);
    }
  }
  return is_changed;
}

void balancer_core::publish(time_point now) {
  serving_tiers serving = choose_tiers(counts_, memory_, options_, now);
  held_until_ = never;
  for (const tier_memory& memory : memory_) {
    if (memory.held_until > now) held_until_ = std::min(held_until_, memory.held_until);
  }
  std::shared_ptr<const snapshot> made = build_snapshot(
      unique_number(), {set_, published_health_, counts_, std::move(serving), shuffled_}, options_, buffers_);
  const std::uint64_t version = made->version;
  {
    const std::lock_guard lock(publish_mutex_);
    published_.swap(made);
    version_.store(version, std::memory_order_release);
  }
  // The former snapshot is destroyed here, or when the last thread that keeps it releases it.
}

std::shared_ptr<const endpoint_set> balancer_core::endpoints() const {
  const std::lock_guard lock(publish_mutex_);
  return {published_->set, &published_->set->endpoints};
}

}  // namespace sdconnect::detail
