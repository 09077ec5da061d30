#include "resolver/resolution.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace sdconnect {
void held_answers::remember(const question& q, lookup& fresh, time_point now) {
  if (fresh.failure || !fresh.data) return;  // a failure has its own back-off
  const time_point first_allowed = fresh.received + min_interval_;
  if (fresh.again_at >= first_allowed || first_allowed <= now) return;
  fresh.again_at = first_allowed;
  lookup kept = fresh;
  kept.from_cache = kept.report.from_cache = true;
  kept.report.attempts.clear();
  held_.insert_or_assign(q, entry{std::move(kept), first_allowed});
}

const lookup* held_answers::find(const question& q, time_point now) const {
  const auto found = held_.find(q);
  return found == held_.end() || now >= found->second.until ? nullptr : &found->second.kept;
}

void held_answers::remove_expired(time_point now) {
  std::erase_if(held_, [now](const auto& held) { return now >= held.second.until; });
}

resolution::resolution(const service_query& query, how asking, time_point now)
    : walk_(query, asking.detail, asking.held ? asking.held->min_interval() : std::chrono::milliseconds(0)),
      how_(asking),
      deadline_(now + query.timeout) {}

void resolution::start(lookup_table& table, time_point now) { perform(table, walk_.start(), now); }

// Answers at hand are fed at once, one after the other: each may bring new questions.
void resolution::perform(lookup_table& table, walk::step next, time_point now) {
  std::deque<std::pair<question, lookup>> at_hand;
  for (;;) {
    if (next.finish_at) finish_at_ = next.finish_at;
    if (next.done) {
      is_done_ = true;
      return;
    }
    for (question& q : next.ask) {
      if (const lookup* held = how_.held ? how_.held->find(q, now) : nullptr) {
        at_hand.emplace_back(std::move(q), *held);
        continue;
      }
      // What an earlier answer carried along will do when the question itself gets no answer in time.
      const bool can_do_without = how_.mode == lookup_table::mode::normal && walk_.has_stale(q);
      const time_point until = can_do_without ? std::min(deadline_, now + table.patience(now)) : deadline_;
      lookup_table::asked asked = table.ask(q, until, how_.mode, now);
      if (asked.answer) {
        if (how_.held) how_.held->remember(q, *asked.answer, now);
        at_hand.emplace_back(std::move(q), *std::move(asked.answer));
      } else {
        waiting_.emplace(asked.waiter, std::move(q));
        new_.push_back(asked.waiter);
      }
    }
    if (at_hand.empty()) break;
    next = walk_.on_result(at_hand.front().first, at_hand.front().second, now);
    at_hand.pop_front();
  }
  // Whoever still waits at the deadline is told so by the table; nothing new is asked then.
  if (waiting_.empty() || (finish_at_ && now >= *finish_at_)) is_done_ = true;
}

void resolution::on_answer(lookup_table& table, waiter who, lookup answer, time_point now) {
  const auto node = waiting_.extract(who);
  if (node.empty() || is_done_) return;
  if (how_.held) how_.held->remember(node.mapped(), answer, now);
  walk::step next = walk_.on_result(node.mapped(), answer, now);
  if (now >= deadline_) {
    // New questions would come too late; those under way are told now as well, each with what it tried.
    is_done_ = waiting_.empty();
    return;
  }
  perform(table, std::move(next), now);
}

void resolution::on_time(time_point now) {
  if (now >= next_event()) is_done_ = true;
}

std::vector<resolution::waiter> resolution::leave(lookup_table& table, lookup_table::leaving why, time_point now) {
  std::vector<waiter> left;
  left.reserve(waiting_.size());
  for (const auto& [who, q] : waiting_) {
    table.leave(who, why, now);
    left.push_back(who);
  }
  waiting_.clear();
  return left;
}

resolution::time_point resolution::next_event() const { return finish_at_ ? *finish_at_ : deadline_ + lookup_grace; }

}  // namespace sdconnect
