#include "connect/race/race.hpp"

#include "connect/race/attempt_outcome.hpp"
#include "connect/race/attempt_targets.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

// RFC 8305 §8: at least 10 ms under all circumstances, at most 2 s.
constexpr std::chrono::milliseconds least_delay{10};
constexpr std::chrono::milliseconds greatest_delay{2000};

// Longer than any race, and small enough to be added to a time: max() means no limit (FAULTS O36).
constexpr std::chrono::milliseconds longest_wait = std::chrono::hours(24 * 365);

// The kernel's error for a connection; errc::query_timed_out means that DNS does not answer.
error_code connection_timed_out() { return system_error(boost::system::errc::timed_out); }

}  // namespace

std::chrono::milliseconds race::head_start(std::chrono::milliseconds attempt_delay) {
  return std::clamp(attempt_delay, least_delay, greatest_delay);
}

race::race(std::vector<attempt_target> candidates, const race_options& with, race_context& context)
    : candidates_(std::move(candidates)),
      options_(with),
      context_(context),
      attempt_of_(candidates_.size(), not_begun),
      has_retry_(!with.earlier),
      may_hedge_(with.hedge_delay.has_value()),
      status_(errc::unreachable) {
  options_.attempt_delay = head_start(options_.attempt_delay);
  options_.attempt_timeout = std::min(options_.attempt_timeout, longest_wait);
  if (options_.hedge_delay) options_.hedge_delay = std::min(*options_.hedge_delay, longest_wait);
  queue_.reserve(candidates_.size());
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    queue_.push_back(i);
    const std::size_t endpoint = candidates_[i].endpoint;
    if (endpoint >= endpoints_.size()) endpoints_.resize(endpoint + 1);
    if (!candidates_[i].refused) ++endpoints_[endpoint].waiting;
  }
}

race::step race::start(time_point now) {
  if (!candidates_.empty()) tier_ = candidates_.front().priority;
  return advance({}, now);
}

race::step race::on_connected(std::size_t candidate, time_point now) {
  return held_ || is_below_open(candidate) ? hold(candidate, now) : win(candidate, now);
}

race::step race::on_failed(std::size_t candidate, error_code ec, time_point now) {
  if (attempts_[attempt_of_[candidate]].open) close(attempt_of_[candidate], ec, outcome_of(ec), now);
  may_start_next_ = now;
  return advance({}, now);
}

race::step race::on_timer(time_point now) {
  if (now >= options_.deadline) return held_ ? win(*held_, now) : stop(errc::unreachable, now);
  step next;
  while (!open_.empty() && now >= attempts_[open_.front()].started + options_.attempt_timeout) {
    next.abandon.push_back(attempts_[open_.front()].candidate);
    close(open_.front(), connection_timed_out(), outcome_kind::timed_out, now);
    may_start_next_ = now;
  }
  return advance(std::move(next), now);
}

// Starts what is due, then tells when to call again, or that the race is over. A loop instead of
// recursion, however many candidates there are.
race::step race::advance(step next, time_point now) {
  if (held_ && (now >= hold_until_ || !is_below_open(*held_))) {
    step last = win(*held_, now);
    last.abandon.insert(last.abandon.begin(), next.abandon.begin(), next.abandon.end());
    return last;
  }
  if (is_hedge_due(now)) start_hedge(next, now);
  if (now >= gives_way_at()) give_way();
  while (!held_ && has_more()) {
    const std::size_t candidate = queue_.front();
    const bool is_due = !is_tier_open() || (is_of_this_tier(candidate) && now >= may_start_next_);
    if (!is_due) break;
    if (must_spread(now)) {
      spread();
      continue;
    }
    if (candidates_[candidate].refused) {
      queue_.pop_front();
      note_refused(candidate, now);
      continue;
    }
    if (!has_leave(now)) break;
    if (!enter(candidates_[candidate].endpoint, now)) {
      put_back(candidates_[candidate].endpoint);
      continue;
    }
    queue_.pop_front();
    begin(candidate, next, now);
  }
  if (held_ || !open_.empty() || (has_more() && !is_held_back())) {
    next.wake = next_wake();
    return next;
  }
  const bool all_refused =
      std::ranges::none_of(endpoints_, &progress::is_left_out) &&
      std::ranges::all_of(attempts_, [](const attempt& a) { return a.result == errc::refused_address; });
  if (all_refused && !attempts_.empty()) status_ = errc::refused_address;
  settle_all(now);
  is_over_ = next.done = true;
  return next;
}

bool race::has_more() {
  if (queue_.empty()) std::swap(queue_, put_back_);
  return !queue_.empty();
}

bool race::is_of_this_tier(std::size_t candidate) const {
  const attempt_target& c = candidates_[candidate];
  return c.priority == tier_ || endpoints_[c.endpoint].is_belated;
}

// Rules 7 and 1: takes a retry, then a turn. Both are kept until an attempt has used them.
bool race::has_leave(time_point now) {
  if (is_held_back()) return false;
  if (!has_retry_) has_retry_ = context_.take_retry(now);
  is_out_of_retries_ = !has_retry_;
  if (is_out_of_retries_) return false;
  if (!turn_) turn_ = context_.take_turn(now, options_.deadline);
  is_out_of_turns_ = !turn_;
  return turn_ && *turn_ <= now;
}

// Rule 8.
bool race::enter(std::size_t endpoint, time_point now) {
  progress& p = endpoints_[endpoint];
  if (!p.is_used) p.is_used = context_.may_use(endpoint, p.is_put_back, now);
  p.has_begun = p.has_begun || p.is_used;
  return p.is_used;
}

void race::put_back(std::size_t endpoint) {
  progress& p = endpoints_[endpoint];
  const auto is_its = [&](std::size_t candidate) { return candidates_[candidate].endpoint == endpoint; };
  // The endpoint's candidates are adjacent unless rule 11 separated them, and in front unless a hedge tried them.
  if (has_separated_) std::stable_partition(queue_.begin(), queue_.end(), is_its);
  const auto first = std::ranges::find_if(queue_, is_its);
  const auto last = std::find_if_not(first, queue_.end(), is_its);
  if (!p.is_put_back) {
    p.is_put_back = true;
    put_back_.insert(put_back_.end(), first, last);
  } else {
    p.is_left_out = true;
    std::for_each(first, last, [&](std::size_t candidate) { attempt_of_[candidate] = left_out; });
    p.is_at_limit = !context_.has_left(endpoint);
  }
  queue_.erase(first, last);
}

void race::begin(std::size_t candidate, step& next, time_point now) {
  progress& p = endpoints_[candidates_[candidate].endpoint];
  ++p.open;
  --p.waiting;
  attempt_of_[candidate] = attempts_.size();
  open_.push_back(attempts_.size());
  attempts_.push_back({candidate, now, {}, {}, true});
  note_tier(candidate, now);
  last_start_ = now;
  may_start_next_ = now + options_.attempt_delay;
  has_retry_ = false;
  turn_.reset();
  next.start.push_back(candidate);
}

void race::note_refused(std::size_t candidate, time_point now) {
  attempt_of_[candidate] = attempts_.size();
  const error_code why = refusal_of(candidates_[candidate].address);
  attempts_.push_back({candidate, now, {}, why ? why : errc::refused_address, false});
}

// Rule 6. A hedge is optional: without permission or another endpoint the race continues without
// one.
bool race::is_hedge_due(time_point now) const {
  return may_hedge_ && !held_ && is_tier_open() && now >= last_start_ + *options_.hedge_delay;
}

void race::start_hedge(step& next, time_point now) {
  may_hedge_ = false;
  const std::size_t asked = candidates_[attempts_[open_.back()].candidate].endpoint;
  const auto is_another = [&](std::size_t candidate) {
    return candidates_[candidate].endpoint != asked && !candidates_[candidate].refused;
  };
  for (;;) {
    const auto at = std::ranges::find_if(queue_, is_another);
    if (at == queue_.end() || !is_of_this_tier(*at)) return;
    if (!has_retry_) has_retry_ = context_.take_retry(now);
    if (!has_retry_) return;
    if (!turn_) turn_ = context_.take_turn(now, options_.deadline);
    if (!turn_ || *turn_ > now) return;
    const std::size_t chosen = *at;
    if (enter(candidates_[chosen].endpoint, now)) {
      queue_.erase(at);
      return begin(chosen, next, now);
    }
    put_back(candidates_[chosen].endpoint);
  }
}

race::time_point race::next_wake() const {
  time_point wake = options_.deadline;
  if (!open_.empty()) {
    wake = std::min(wake, attempts_[open_.front()].started + options_.attempt_timeout);
    if (may_hedge_ && !held_ && is_tier_open()) wake = std::min(wake, last_start_ + *options_.hedge_delay);
  }
  if (held_) return std::min(wake, hold_until_);
  if (!is_held_back()) wake = std::min(wake, gives_way_at());
  const bool may_start = !queue_.empty() && !is_held_back() && (!is_tier_open() || is_of_this_tier(queue_.front()));
  if (may_start) {
    time_point when = !is_tier_open() ? time_point::min() : may_start_next_;
    if (turn_) when = std::max(when, *turn_);
    wake = std::min(wake, when);
  }
  return wake;
}

void race::close(std::size_t index, error_code ec, outcome_kind outcome, time_point now) {
  attempt& a = attempts_[index];
  const attempt_target& candidate = candidates_[a.candidate];
  a.open = false;
  a.result = ec;
  a.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - a.started);
  open_.erase(std::ranges::find(open_, index));
  note_answer(a, outcome, now);
  if (is_lack_of_resources(ec)) status_ = ec;
  context_.on_address(candidate, outcome, now);

  progress& p = endpoints_[candidate.endpoint];
  --p.open;
  p.elapsed = a.elapsed;
  if (says_nothing(outcome)) {
    p.is_left_open = p.is_left_open || outcome == outcome_kind::abandoned;
  } else if (p.outcome != outcome_kind::connected) {
    p.outcome = outcome;
  }
  if (outcome == outcome_kind::connected || (p.open == 0 && p.waiting == 0)) settle(candidate.endpoint, now);
}

// Rule 9.
void race::settle(std::size_t endpoint, time_point now) {
  progress& p = endpoints_[endpoint];
  if (!p.is_used || p.is_settled) return;
  p.is_settled = true;
  const bool is_unknown = p.is_left_open && p.outcome != outcome_kind::connected;
  context_.on_endpoint(endpoint, is_unknown ? outcome_kind::abandoned : p.outcome, p.elapsed, now);
}

race::step race::stop(error_code status, time_point now) {
  step next;
  release_held();
  is_out_of_time_ = status == errc::unreachable;  // only the deadline stops a race with this status
  is_over_ = is_stopped_ = next.done = true;
  status_ = status;
  // Another attempt won, the deadline passed, or the caller stopped the race.
  const error_code reason = !status                       ? system_error(boost::system::errc::operation_canceled)
                            : status == errc::unreachable ? connection_timed_out()
                                                          : status;
  const time_point winner_started = winner_ ? attempts_[attempt_of_[*winner_]].started : time_point::min();
  while (!open_.empty()) {
    const attempt& a = attempts_[open_.front()];
    const bool had_head_start = now - a.started >= options_.attempt_delay;
    outcome_kind outcome = outcome_kind::abandoned;
    if (had_head_start && a.started < winner_started) outcome = outcome_kind::overtaken;
    if (had_head_start && status == errc::unreachable) outcome = outcome_kind::timed_out;
    next.abandon.push_back(a.candidate);
    close(open_.front(), reason, outcome, now);
  }
  settle_all(now);
  return next;
}

void race::settle_all(time_point now) {
  for (const attempt& a : attempts_) settle(candidates_[a.candidate].endpoint, now);
}

bool race::is_exhausted() const noexcept {
  if (!is_over_ || is_stopped_ || is_held_back() || is_lack_of_resources(status_)) return false;
  return std::ranges::none_of(endpoints_, &progress::is_at_limit) ||
         std::ranges::any_of(endpoints_, &progress::has_begun);
}

}  // namespace sdconnect::detail
