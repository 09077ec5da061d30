#include "resolver/view/resolve_task.hpp"

#include "net/base/saturating.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace sdconnect::detail {
namespace {

// More than a DNS client has in flight (dns_client_options::max_in_flight). A question that waits
// there takes ten times the memory that it takes here (FAULTS O7).
constexpr std::size_t most_waiting = 1024;

service_query without_aaaa(service_query query) {
  query.want_ipv6 = false;
  return query;
}

}  // namespace

resolve_task::resolve_task(lookup_router& router, const service_query& query, how asking, time_point now)
    : router_(router),
      walk_(std::in_place, router.is_without_aaaa() ? without_aaaa(query) : query,
            asking.held ? asking.held->longest_interval() : std::chrono::milliseconds(0), &router.terms()),
      how_(asking),
      deadline_(later(now, query.timeout)) {}

resolve_task::~resolve_task() {
  stop();
  router_.forget(*this);
}

void resolve_task::start(time_point now, listener on_progress) {
  perform(walk_->start(), now);
  on_progress_ = std::move(on_progress);
}

// Feeds available answers at once, one after the other: each may bring new questions.
void resolve_task::perform(walk::step next, time_point now) {
  answers at_hand;
  for (;;) {
    if (next.enough_at) enough_at_ = next.enough_at;
    if (next.done) {
      is_settled_ = true;
      break;
    }
    ask(std::move(next.ask), at_hand, now);
    if (at_hand.empty()) break;
    next = walk_->on_result(at_hand.front().first, at_hand.front().second, now);
    at_hand.pop_front();
  }
  const bool is_enough = is_settled_ || has_enough(now);
  if (waiting_.empty() || (is_enough && !how_.is_complete)) return end();
  sleep();
}

void resolve_task::ask(std::vector<question> questions, answers& at_hand, time_point now) {
  for (question& q : questions) {
    if (const lookup* held = how_.held ? how_.held->find(q, now) : nullptr) {
      at_hand.emplace_back(std::move(q), *held);
      continue;
    }
    // If the question gets no answer in time, the walk uses what an earlier answer carried.
    const bool can_do_without = how_.mode == lookup_router::mode::normal && walk_->has_stale(q);
    const time_point until = can_do_without ? std::min(deadline_, now + router_.patience(now)) : deadline_;
    lookup_table::asked asked = router_.ask(q, until, how_.mode, *this, now);
    if (asked.answer) {
      if (how_.held) how_.held->remember(q, *asked.answer, now, router_.random());
      at_hand.emplace_back(std::move(q), *std::move(asked.answer));
    } else {
      waiting_.emplace(asked.waiter, std::move(q));
    }
  }
}

// The table reports the deadline to the waiting questions; the task asks nothing new then.
void resolve_task::sleep() {
  std::optional<time_point> next = later(deadline_, lookup_grace);
  if (next == time_point::max()) next.reset();
  if (enough_at_ && *enough_at_ != time_point::max() && !is_enough_told_) {
    next = next ? std::min(*next, *enough_at_) : *enough_at_;
  }
  router_.wake_at(*this, next);
}

void resolve_task::on_lookup(lookup_table::id waiter, lookup answer, time_point now) {
  const auto node = waiting_.extract(waiter);
  if (node.empty() || is_done_) return;
  if (how_.held) how_.held->remember(node.mapped(), answer, now, router_.random());
  if (is_settled_) {
    if (waiting_.empty()) end();
    return tell(now);
  }
  walk::step next = walk_->on_result(node.mapped(), answer, now);
  if (now < deadline_) {
    perform(std::move(next), now);
  } else if (waiting_.empty()) {
    // New questions would come too late. The pending ones also end now, each with a report of its
    // attempts.
    end();
  }
  tell(now);
}

void resolve_task::on_time(time_point now) {
  if (is_done_) return;
  is_enough_told_ = is_enough_told_ || has_enough(now);
  const bool is_over = now >= later(deadline_, lookup_grace) || (is_enough_told_ && !how_.is_complete);
  if (is_over) {
    end();
  } else {
    sleep();
  }
  tell(now);
}

// Calls a copy: the listener may destroy the task, and with it the original.
void resolve_task::tell(time_point now) {
  if (const listener called = on_progress_) called(now);
}

void resolve_task::prolong(time_point deadline) {
  if (is_done_ || deadline <= deadline_) return;
  deadline_ = deadline;
  for (const auto& [waiter, q] : waiting_) router_.prolong(waiter, deadline);
  sleep();
}

walk::conclusion resolve_task::take_conclusion(error_code if_unknown) {
  if (!is_settled()) return walk_->conclude(if_unknown);
  walk::conclusion out = walk_->conclude_at_end(if_unknown);
  walk_.reset();
  return out;
}

void resolve_task::stop() {
  if (!is_done_) end();
}

void resolve_task::end() {
  is_done_ = true;
  router_.wake_at(*this, std::nullopt);
  for (const auto& [waiter, q] : waiting_) router_.leave(waiter);
  waiting_.clear();
}

}  // namespace sdconnect::detail
