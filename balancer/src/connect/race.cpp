#include "connect/race.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace sdconnect {
namespace {

// RFC 8305 §8: at least 10 ms under all circumstances, at most 2 s.
constexpr std::chrono::milliseconds least_delay{10};
constexpr std::chrono::milliseconds greatest_delay{2000};

// As the kernel says it of a connection; errc::timed_out is DNS that does not answer.
constexpr auto connection_timed_out = boost::asio::error::timed_out;

bool is_lack_of_descriptors(error_code ec) noexcept {
  return ec == boost::system::errc::too_many_files_open || ec == boost::system::errc::too_many_files_open_in_system ||
         ec == boost::system::errc::no_buffer_space || ec == boost::system::errc::not_enough_memory;
}

}  // namespace

std::vector<race_candidate> race_candidates(std::span<const endpoint> order, bool use_ipv4, bool use_ipv6) {
  std::vector<race_candidate> out;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const endpoint& e = order[i];
    std::vector<ip_address> v6, v4;
    for (const ip_address& address : e.addresses) {
      const ip_address plain = address.unmapped();
      if (plain.is_v4() ? use_ipv4 : use_ipv6) (plain.is_v4() ? v4 : v6).push_back(plain);
    }
    const auto add = [&](const ip_address& a) { out.push_back({i, a, e.port, e.priority, !a.is_connectable()}); };
    for (std::size_t k = 0; k < std::max(v4.size(), v6.size()); ++k) {
      if (k < v6.size()) add(v6[k]);
      if (k < v4.size()) add(v4[k]);
    }
  }
  return out;
}

race::race(std::vector<race_candidate> candidates, const settings& with)
    : candidates_(std::move(candidates)), settings_(with), status_(errc::unreachable) {
  settings_.attempt_delay = std::clamp(settings_.attempt_delay, least_delay, greatest_delay);
}

race::step race::start(time_point now) { return advance({}, now); }

race::step race::on_connected(std::size_t candidate, time_point now) {
  winner_ = candidate;
  for (attempt& a : attempts_) {
    if (a.candidate == candidate) close(a, {}, now);
  }
  return stop({}, now);
}

race::step race::on_failed(std::size_t candidate, error_code ec, time_point now) {
  for (attempt& a : attempts_) {
    if (a.candidate == candidate && a.open) close(a, ec, now);
  }
  may_start_next_ = now;
  return advance({}, now);
}

race::step race::on_timer(time_point now) {
  if (now >= settings_.deadline) return stop(errc::unreachable, now);
  step next;
  for (attempt& a : attempts_) {
    if (!a.open || now < a.started + settings_.attempt_timeout) continue;
    close(a, connection_timed_out, now);
    next.abandon.push_back(a.candidate);
    may_start_next_ = now;
  }
  return advance(std::move(next), now);
}

// Starts what is due, then says when to look again, or that all is over.
race::step race::advance(step next, time_point now) {
  while (next_candidate_ < candidates_.size()) {
    const bool same_tier =
        next_candidate_ == 0 || candidates_[next_candidate_].priority == candidates_[next_candidate_ - 1].priority;
    const bool due = under_way_ == 0 || (same_tier && now >= may_start_next_);
    if (!due) break;
    start_next(next, now);
  }
  if (under_way_ == 0) {
    const bool all_refused =
        std::ranges::all_of(attempts_, [](const attempt& a) { return a.result == errc::refused_address; });
    if (all_refused && !attempts_.empty()) status_ = errc::refused_address;
    next.done = true;
    return next;
  }
  next.wake = settings_.deadline;
  const bool tier_has_more = next_candidate_ < candidates_.size() && next_candidate_ > 0 &&
                             candidates_[next_candidate_].priority == candidates_[next_candidate_ - 1].priority;
  if (tier_has_more) next.wake = std::min(next.wake, may_start_next_);
  for (const attempt& a : attempts_) {
    if (a.open) next.wake = std::min(next.wake, a.started + settings_.attempt_timeout);
  }
  return next;
}

void race::start_next(step& next, time_point now) {
  attempt a{next_candidate_++, now, {}, {}, true};
  if (candidates_[a.candidate].refused) {
    a.open = false;
    a.result = errc::refused_address;
  } else {
    ++under_way_;
    may_start_next_ = now + settings_.attempt_delay;
    next.start.push_back(a.candidate);
  }
  attempts_.push_back(a);
}

void race::close(attempt& a, error_code ec, time_point now) noexcept {
  if (a.open) --under_way_;
  a.open = false;
  a.result = ec;
  a.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - a.started);
  if (is_lack_of_descriptors(ec)) status_ = ec;
}

race::step race::stop(error_code status, time_point now) {
  step next;
  next.done = true;
  // Another one won, the deadline came, or the caller has had enough.
  const error_code reason = !status                       ? error_code(boost::asio::error::operation_aborted)
                            : status == errc::unreachable ? error_code(connection_timed_out)
                                                          : status;
  for (attempt& a : attempts_) {
    if (!a.open) continue;
    close(a, reason, now);
    next.abandon.push_back(a.candidate);
  }
  status_ = status;
  return next;
}

}  // namespace sdconnect
