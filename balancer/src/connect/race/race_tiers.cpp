// Rules 11 and 12 of race.hpp: every tier gets its time.
#include "connect/race/attempt_outcome.hpp"
#include "connect/race/race.hpp"
#include "net/base/saturating.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sdconnect::detail {
namespace {

// A SYN that was lost is sent again after 1 s (RFC 6298 §2.1); its answer needs a round trip more.
constexpr std::chrono::milliseconds least_silence{1250};

// An ICMP error comes from a router or from this host, so it says nothing about the other endpoints
// of the tier.
bool comes_from_endpoint(outcome_kind outcome) noexcept {
  return outcome == outcome_kind::connected || outcome == outcome_kind::refused || outcome == outcome_kind::reset;
}

}  // namespace

void race::note_tier(std::size_t candidate, time_point now) {
  const bool is_same = tier_began_ && candidates_[candidate].priority == tier_;
  tier_ = candidates_[candidate].priority;
  if (attempts_.size() == 1) last_answer_ = now;
  if (is_same) return;
  tier_began_ = now;
  has_tier_answered_ = is_spread_ = false;
  count_tiers_left();
}

// The queue is in the order of tiers. A tier that gave way has had its time.
void race::count_tiers_left() {
  tiers_left_ = 0;
  std::uint16_t last = tier_;
  for (const std::size_t c : queue_) {
    const attempt_target& waiting = candidates_[c];
    if (waiting.refused || waiting.priority == last || endpoints_[waiting.endpoint].is_passed_over) continue;
    last = waiting.priority;
    ++tiers_left_;
  }
}

void race::note_answer(const attempt& of, outcome_kind outcome, time_point now) {
  if (!comes_from_endpoint(outcome)) return;
  last_answer_ = now;
  if (!of.has_given_way && candidates_[of.candidate].priority == tier_) has_tier_answered_ = true;
}

// The waiting candidates of this tier are in front.
candidate_queue::iterator race::end_of_this_tier() {
  return std::ranges::find_if_not(queue_, [this](std::size_t c) { return is_of_this_tier(c); });
}

bool race::is_tier_open() const {
  return std::ranges::any_of(open_, [this](std::size_t index) { return !attempts_[index].has_given_way; });
}

// Without an answer, the time at which the tier gives way, or that of the deadline if there is no other.
race::time_point race::end_of_tier_time() const {
  if (tiers_left_ == 0 || options_.deadline == time_point::max()) return options_.deadline;
  const auto share = time_between(*tier_began_, options_.deadline) / (tiers_left_ + 1);
  const auto reserved = std::max<time_point::duration>(2 * options_.attempt_delay, share);
  return std::max({options_.deadline - reserved, last_answer_ + least_silence, *tier_began_ + options_.attempt_delay});
}

race::time_point race::gives_way_at() const {
  const bool may_give_way = tier_began_ && tiers_left_ > 0 && !has_tier_answered_ && !held_ && is_tier_open();
  return may_give_way ? end_of_tier_time() : time_point::max();
}

void race::give_way() {
  for (const std::size_t index : open_) attempts_[index].has_given_way = true;
  const auto last = end_of_this_tier();
  std::for_each(queue_.begin(), last,
                [this](std::size_t c) { endpoints_[candidates_[c].endpoint].is_passed_over = true; });
  std::rotate(queue_.begin(), last, queue_.end());
}

// Whether the next candidate begins another endpoint, and the addresses of the tier do not fit into
// its time, each with its head start.
bool race::must_spread(time_point now) {
  if (is_spread_ || has_tier_answered_ || !tier_began_ || options_.deadline == time_point::max()) return false;
  const std::size_t next = queue_.front();
  if (!is_of_this_tier(next) || endpoints_[candidates_[next].endpoint].has_begun) return false;
  const time_point end = std::min(end_of_tier_time(), options_.deadline);
  const auto most = now < end ? (end - now) / options_.attempt_delay : 0;
  const auto last = end_of_this_tier();
  return std::distance(queue_.begin(), last) > most;
}

// True if this host has no way to addresses of this family.
bool race::is_dead(ip_family family) const {
  using enum boost::system::errc::errc_t;
  return std::ranges::any_of(attempts_, [&](const attempt& a) {
    return candidates_[a.candidate].address.family() == family &&
           (a.result == network_unreachable || a.result == address_family_not_supported);
  });
}

// Gives each endpoint that was not tried one address, then come the others. The family is the one
// that the endpoint before it did not use.
void race::spread() {
  is_spread_ = true;
  const bool is_v4_dead = is_dead(ip_family::v4), is_v6_dead = is_dead(ip_family::v6);
  const auto is_alive = [&](std::size_t c) { return !(candidates_[c].address.is_v4() ? is_v4_dead : is_v6_dead); };
  const auto last = end_of_this_tier();
  const std::vector<std::size_t> waiting(queue_.begin(), last);
  bool was_v4 = candidates_[attempts_.back().candidate].address.is_v4();
  std::vector<std::size_t> first_round, second_round;
  for (auto at = waiting.begin(); at != waiting.end();) {
    const std::size_t endpoint = candidates_[*at].endpoint;
    const auto end =
        std::find_if_not(at, waiting.end(), [&](std::size_t c) { return candidates_[c].endpoint == endpoint; });
    auto chosen =
        std::find_if(at, end, [&](std::size_t c) { return candidates_[c].address.is_v4() != was_v4 && is_alive(c); });
    if (chosen == end) chosen = std::find_if(at, end, is_alive);
    if (chosen == end) chosen = at;
    was_v4 = candidates_[*chosen].address.is_v4();
    first_round.push_back(*chosen);
    std::copy_if(at, end, std::back_inserter(second_round), [&](std::size_t c) { return c != *chosen; });
    at = end;
  }
  has_separated_ = has_separated_ || !second_round.empty();
  std::ranges::copy(second_round, std::ranges::copy(first_round, queue_.begin()).out);
}

// Whether attempts of a lower tier that gave way are open.
bool race::is_below_open(std::size_t candidate) const {
  return std::ranges::any_of(open_, [&](std::size_t index) {
    const attempt& a = attempts_[index];
    return a.has_given_way && candidates_[a.candidate].priority < candidates_[candidate].priority;
  });
}

race::step race::hold(std::size_t candidate, time_point now) {
  step next;
  if (!held_) hold_until_ = now + options_.attempt_delay;
  const bool is_lower = !held_ || candidates_[candidate].priority < candidates_[*held_].priority;
  const std::optional<std::size_t> loser = is_lower ? held_ : candidate;
  if (is_lower) {
    release_held();
    held_ = candidate;
    open_.erase(std::ranges::find(open_, attempt_of_[candidate]));
  }
  if (loser) {
    next.abandon.push_back(*loser);
    close(attempt_of_[*loser], system_error(boost::system::errc::operation_canceled), outcome_kind::abandoned, now);
  }
  return advance(std::move(next), now);
}

// A held attempt is not among the open ones, whose time is limited.
void race::release_held() {
  if (held_) open_.push_back(attempt_of_[*held_]);
  held_.reset();
}

race::step race::win(std::size_t candidate, time_point now) {
  release_held();
  winner_ = candidate;
  close(attempt_of_[candidate], {}, outcome_kind::connected, now);
  return stop({}, now);
}

connect_restraint race::restraint() const noexcept {
  connect_restraint out;
  out.retry_budget = is_out_of_retries_;
  out.rate = is_out_of_turns_;
  out.deadline = is_out_of_time_;
  for (const progress& p : endpoints_) {
    if (p.is_at_limit) {
      ++out.at_limit;
    } else if (!p.has_begun && p.waiting > 0) {
      ++out.untried;
    }
  }
  return out;
}

std::vector<std::size_t> race::untried() const {
  std::vector<std::size_t> out;
  for (std::size_t e = 0; e < endpoints_.size(); ++e) {
    const progress& p = endpoints_[e];
    if (!p.has_begun && p.waiting > 0 && !p.is_left_out && (!winner_ || p.is_passed_over)) out.push_back(e);
  }
  return out;
}

}  // namespace sdconnect::detail
