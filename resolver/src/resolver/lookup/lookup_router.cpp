#include "resolver/lookup/lookup_router.hpp"

#include <algorithm>

namespace sdconnect::detail {

lookup_table::asked lookup_router::ask(const question& q, time_point deadline, mode how, lookup_user& who,
                                       time_point now) {
  lookup_table::asked out = table_.ask(q, deadline, how, now);
  if (!out.answer) waiting_.emplace(out.waiter, &who);
  return out;
}

void lookup_router::leave(id waiter) {
  waiting_.erase(waiter);
  table_.leave(waiter);
}

void lookup_router::wake_at(lookup_user& who, std::optional<time_point> when) {
  if (const auto known = wake_of_.find(&who); known != wake_of_.end()) {
    if (when == known->second.first) return;
    wakes_.erase(known->second);
    wake_of_.erase(known);
  }
  if (!when) return;
  const wake next(*when, ++last_wake_);
  wakes_.emplace(next, &who);
  wake_of_.emplace(&who, next);
}

void lookup_router::listen(lookup_user& who, bool is_watching) {
  const auto [entry, is_new] = listeners_.try_emplace(&who, listener{last_listener_ + 1, false});
  if (is_new) ++last_listener_;
  watchers_ += is_watching ? 1 : 0;
  watchers_ -= entry->second.is_watching ? 1 : 0;
  entry->second.is_watching = is_watching;
}

void lookup_router::forget(lookup_user& who) {
  wake_at(who, std::nullopt);
  const auto left = listeners_.extract(&who);
  if (!left.empty() && left.mapped().is_watching) --watchers_;
}

void lookup_router::on_time(time_point now) {
  if (const auto due = table_.next_event(); due && *due <= now) table_.on_time(now);
  while (!wakes_.empty() && wakes_.begin()->first.first <= now) {
    lookup_user& who = *wakes_.begin()->second;
    wake_at(who, std::nullopt);
    who.on_time(now);
  }
}

void lookup_router::clear(time_point now) {
  table_.clear();
  terms_.clear();
  tell_listeners(now);
}

void lookup_router::renew(time_point now) {
  table_.renew(now);
  terms_.clear();
  tell_listeners(now);
}

void lookup_router::tell_listeners(time_point now) {
  std::map<std::uint64_t, lookup_user*> told;
  for (const auto& [who, at] : listeners_) told.emplace(at.order, who);
  for (const auto& [order, who] : told) {
    if (listeners_.contains(who)) who->on_renewal(now, random_());
  }
}

lookup_router::actions lookup_router::take_actions(time_point now) {
  if (std::exchange(is_delivering_, true)) return {};
  for (auto answers = table_.take_answers(); !answers.empty(); answers = table_.take_answers()) {
    for (auto& [waiter, answer] : answers) {
      const auto found = waiting_.extract(waiter);
      if (!found.empty()) found.mapped()->on_lookup(waiter, std::move(answer), now);
    }
  }
  is_delivering_ = false;
  return {table_.take_queries(), table_.take_cancelled()};
}

std::optional<lookup_router::time_point> lookup_router::next_event() const {
  std::optional<time_point> first = table_.next_event();
  if (wakes_.empty()) return first;
  const time_point next = wakes_.begin()->first.first;
  return first ? std::min(*first, next) : next;
}

}  // namespace sdconnect::detail
