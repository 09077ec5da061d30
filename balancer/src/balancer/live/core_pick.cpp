#include "balancer/live/balancer_core.hpp"
#include "balancer/live/half_open_token.hpp"
#include "balancer/live/thread_row.hpp"
#include "balancer/live/thread_slots.hpp"
#include "balancer/snapshot/choice.hpp"
#include "balancer/snapshot/plan_drawer.hpp"

#include <utility>

namespace sdconnect::detail {

const snapshot& balancer_core::refresh() noexcept {
  pick_slot& slot = pick_slots[slot_index()];
  slot_keeper& keeper = keeper_of(slot_index());
  if (keeper.owner == id_ && keeper.kept->version == version_.load(std::memory_order_acquire)) return *keeper.kept;

  std::shared_ptr<const snapshot> latest;
  std::uint64_t thread = 0;
  {
    const std::lock_guard lock(publish_mutex_);
    latest = published_;
    if (keeper.owner != id_) thread = threads_++;
  }
  if (keeper.owner != id_) {
    constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15;
    slot.random =
        options_.seed ? random_engine(*options_.seed + thread * golden_ratio) : random_engine::from_os_entropy();
    keeper.owner = id_;
  }
  slot.version = latest->is_plain ? latest->version : 0;
  slot.columns = latest->columns.get();
  slot.count = latest->count;
  slot.first = latest->set->endpoints.data() + latest->first;
  keeper.kept = std::move(latest);
  return *keeper.kept;
}

const balanced_endpoint* balancer_core::pick(random_engine* random, std::optional<std::uint64_t> key) noexcept {
  const snapshot& from = refresh();
  random_engine& chosen = random != nullptr ? *random : pick_slots[slot_index()].random;
  const auto accept = [&](std::uint32_t position, bool needs_token) {
    if (!needs_token) return true;
    std::atomic<std::uint32_t>& token = from.set->endpoints[position].record->trial_;
    return take_token(token, token_holder::pick) != 0;
  };
  const std::uint32_t position = choose_position({from, options_, chosen, key}, accept);
  return position == no_position ? nullptr : &from.set->endpoints[position];
}

std::optional<std::uint32_t> balancer_core::enter(endpoint_record& record) const noexcept {
  // With a limit, all uses count in one row: only then exactly one of several concurrent callers
  // gets the last place.
  const bool is_limited = options_.max_in_flight > 0;
  const std::uint32_t row = is_limited ? 0 : thread_row() & record.row_mask_;
  std::atomic<std::uint64_t>& in_flight = record.rows_[row].in_flight;
  if (is_limited) {
    std::uint64_t held = in_flight.load();
    do {
      if (held >= options_.max_in_flight) return std::nullopt;
    } while (!in_flight.compare_exchange_weak(held, held + 1));
  } else {
    in_flight.fetch_add(1);
  }
  // Counts first and checks then: either this function sees that the endpoint has left, or update()
  // sees that it is in use.
  if (!record.is_draining_.load()) return row;
  in_flight.fetch_sub(1);
  return std::nullopt;
}

void balancer_core::advance_if_due(time_point now) {
  if (now.time_since_epoch().count() >= next_change_.load(std::memory_order_relaxed)) advance(now);
}

endpoint_use balancer_core::make_use(std::shared_ptr<const endpoint_set> set, std::uint32_t position, std::uint32_t row,
                                     std::uint32_t trial, time_point now) {
  endpoint_use made;
  made.endpoint_ = &(*set)[position];
  made.endpoint_->record->rows_[row].picks.fetch_add(1, std::memory_order_relaxed);
  made.core_ = shared_from_this();
  made.set_ = std::move(set);
  made.started_ = now;
  made.row_ = row;
  made.trial_ = trial;
  return made;
}

std::optional<endpoint_use> balancer_core::acquire(time_point now, std::optional<std::uint64_t> key) {
  advance_if_due(now);
  // A chosen endpoint left DNS during the call: there is a newer set, so try again.
  bool has_left = false;
  do {
    has_left = false;
    if (std::optional<endpoint_use> made = acquire_from(refresh(), now, key, has_left)) return made;
  } while (has_left);
  return std::nullopt;
}

std::optional<endpoint_use> balancer_core::acquire_from(const snapshot& from, time_point now,
                                                        std::optional<std::uint64_t> key, bool& has_left) {
  std::uint32_t row = 0;
  std::uint32_t trial = 0;
  const auto accept = [&](std::uint32_t position, bool needs_token) {
    endpoint_record& record = *from.set->endpoints[position].record;
    trial = needs_token ? take_token(record.trial_, token_holder::use) : 0;
    if (needs_token && trial == 0) return false;
    if (const std::optional<std::uint32_t> entered = enter(record)) {
      row = *entered;
      return true;
    }
    has_left = has_left || record.is_draining_.load();
    if (trial != 0) return_token(record.trial_, trial);
    return false;
  };
  random_engine& random = pick_slots[slot_index()].random;
  const std::uint32_t position = choose_position({from, options_, random, key}, accept);
  if (position == no_position) return std::nullopt;
  return make_use({from.set, &from.set->endpoints}, position, row, trial, now);
}

attempt_plan balancer_core::plan(time_point now, std::optional<std::uint64_t> key, explaining how) {
  advance_if_due(now);
  const snapshot& from = refresh();
  const auto is_free = [&](std::uint32_t position) {
    return is_token_free(from.set->endpoints[position].record->trial_);
  };
  return draw_plan({from, options_, pick_slots[slot_index()].random, key}, is_free, how);
}

std::optional<endpoint_use> balancer_core::try_acquire(const attempt_plan& plan, std::size_t at, time_point now) {
  advance_if_due(now);
  endpoint_record& record = *plan[at].record;
  std::uint32_t trial = 0;
  const bool ignores_health = at >= plan.usable || (plan.from && plan.from->is_in_panic(plan.order[at]));
  const health_state state = ignores_health ? health_state::up : record.state_.load(std::memory_order_relaxed);
  if (state == health_state::down) return std::nullopt;
  if (state == health_state::trial) {
    trial = take_token(record.trial_, token_holder::use);
    if (trial == 0) return std::nullopt;
  }
  const std::optional<std::uint32_t> row = enter(record);
  if (!row) {
    if (trial != 0) return_token(record.trial_, trial);
    return std::nullopt;
  }
  return make_use(plan.set, plan.order[at], *row, trial, now);
}

}  // namespace sdconnect::detail
