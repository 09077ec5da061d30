#include "resolver/lookup/lookup_table.hpp"

#include "net/base/saturating.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds client_response_timer{1800};  // RFC 8767 §5
constexpr seconds silence{5};                        // as long as a question asked in that time takes to fail
constexpr milliseconds shortest_patience{100};       // a server that is back answers within this
constexpr seconds background_limit{5};
constexpr milliseconds shortest_fair_trial{1500};  // one server's first timeout of a second, and the time for an answer
constexpr seconds shortest_anew{1};                // between two queries for one question that ignore kept answers
constexpr seconds longest_retry{5};                // used if the cache keeps no failure

bool is_answer(error_code status) noexcept { return !status || status == errc::nxdomain || status == errc::no_data; }

bool is_alias_elsewhere(const answer& a) noexcept { return a.status == errc::empty_answer && a.alias_count > 0; }

std::size_t count_of(const answer& a) {
  return std::visit([](const auto& records) { return records.size(); }, a.records);
}

// Rounds up to whole seconds: a TTL of 60 is 60 when the answer has just come.
seconds remaining(boot_clock::time_point until, boot_clock::time_point now) {
  return until > now ? std::chrono::ceil<seconds>(until - now) : seconds(0);
}

}  // namespace

lookup_table::lookup_table(const resolver_options& options, std::function<std::uint32_t()> random)
    : options_(options), random_(std::move(random)), cache_(options.cache.value_or(cache_limits{})) {}

const cached_answer* lookup_table::find(const question& q, time_point now) {
  return options_.cache ? cache_.find(q, now) : nullptr;
}

bool lookup_table::is_fresh(const cached_answer& held, time_point now) const noexcept {
  return held.data && now < held.expires && held.asked >= renewed_;
}

lookup_table::asked lookup_table::ask(const question& q, time_point deadline, mode how, time_point now) {
  const cached_answer* held = find(q, now);
  const bool may_ask = !held || now >= held->retry_at || held->failed < renewed_;
  const bool has_data = held && held->data;
  if (how == mode::anew && may_put_anew(q, now)) {
    if (const auto under_way = in_flight_.find(q); under_way != in_flight_.end()) put_again(under_way->second, now);
    ++statistics_.misses;
    return {join(q, deadline, how, has_data, now), {}};
  }
  if (has_data && is_fresh(*held, now)) {
    const bool is_due = now >= held->refresh_at && may_ask;
    if (!is_due || how == mode::normal) {
      asked out{0, from_cache(q, *held, now)};
      ++statistics_.hits;
      if (is_due) query_for(q, now + background_limit, now);
      return out;
    }
  } else if (!may_ask && !in_flight_.contains(q)) {
    if (has_data) ++statistics_.stale_hits;
    return {0, from_cache(q, *held, now)};
  }
  if (has_data && how == mode::normal && now < silent_until_) {  // rule 10
    ++statistics_.stale_hits;
    asked out{0, from_cache(q, *held, now)};
    query_for(q, now + background_limit, now);
    return out;
  }
  ++statistics_.misses;
  return {join(q, deadline, how, has_data, now), {}};
}

lookup lookup_table::from_cache(const question& q, const cached_answer& held, time_point now) const {
  lookup out;
  out.report.asked = q;
  out.report.server = held.server;
  out.report.from_cache = true;
  out.from_cache = true;
  out.report.cached_errors = held.failure || !held.data ? held.failure_errors : held.data->extended_errors;
  out.failure = held.failure;
  out.again_at = held.failure ? held.retry_at : held.refresh_at;
  out.expires = held.expires;
  if (!held.data) {
    out.status = out.report.status = held.failure;
    return out;
  }
  out.data = held.data;
  out.status = out.report.status = held.data->status;
  out.report.record_count = count_of(*held.data);
  out.received = held.received;
  out.stale = !is_fresh(held, now);
  out.ttl = out.stale ? stale_ttl : remaining(held.expires, now);
  if (!out.stale) out.again_at = std::min(out.again_at, held.expires);
  return out;
}

lookup_table::id lookup_table::join(const question& q, time_point deadline, mode how, bool has_stale, time_point now) {
  if (in_flight_.contains(q)) ++statistics_.coalesced;
  const id query = query_for(q, deadline, now);
  flight& under_way = flights_.at(query);
  const id number = ++last_id_;
  under_way.waiters.push_back(number);
  waiter w{query, deadline, how, {}};
  // If the waiter has the query's deadline, the query itself ends it, with a report of the
  // attempts.
  if (deadline < under_way.deadline) w.event = deadline;
  if (has_stale && how == mode::normal) {
    const time_point patience = now + client_response_timer;
    w.event = w.event ? std::min(*w.event, patience) : patience;
  }
  if (w.event) events_.emplace(*w.event, number);
  waiters_.emplace(number, w);
  return number;
}

lookup_table::id lookup_table::query_for(const question& q, time_point deadline, time_point now) {
  const auto [entry, is_new] = in_flight_.try_emplace(q, last_id_ + 1);
  if (!is_new) return entry->second;
  const id number = ++last_id_;
  flights_.emplace(number, flight{q, now, deadline, {}});
  to_send_.push_back({number, q, deadline});
  ++statistics_.queries;
  return number;
}

// Sends the query again; its waiters continue to wait.
void lookup_table::put_again(id query, time_point now) {
  flight old = std::move(flights_.extract(query).mapped());
  in_flight_.erase(old.asked);
  to_cancel_.push_back(query);
  if (old.waiters.empty()) return;
  const id next = query_for(old.asked, old.deadline, now);
  for (const id who : old.waiters) waiters_.at(who).query = next;
  flights_.at(next).waiters = std::move(old.waiters);
}

bool lookup_table::may_put_anew(const question& q, time_point now) {
  std::erase_if(put_anew_, [now](const auto& put) { return now - put.second >= shortest_anew; });
  return put_anew_.emplace(q, now).second;
}

void lookup_table::on_result(id query, query_result result, time_point now) {
  auto node = flights_.extract(query);
  if (node.empty()) return;
  flight& done = node.mapped();
  if (const auto entry = in_flight_.find(done.asked); entry != in_flight_.end() && entry->second == query) {
    in_flight_.erase(entry);
  }

  const bool ran_out = result.report.status == errc::query_timed_out && now >= done.deadline;
  const bool is_fair = now - done.sent >= shortest_fair_trial;
  const lookup outcome = from_result(done, std::move(result), now);
  for (const id number : done.waiters) {
    const waiter w = waiters_.at(number);
    if (ran_out && !outcome.data && w.deadline > now && (w.how != mode::refresh || !is_fair)) {  // rule 3
      if (w.event) events_.erase({*w.event, number});
      waiters_.erase(number);
      const id next = query_for(done.asked, w.deadline, now);
      flights_.at(next).waiters.push_back(number);
      waiters_.emplace(number, waiter{next, w.deadline, w.how, {}});
      continue;
    }
    finish(number, outcome);
  }
}

lookup lookup_table::from_result(const flight& done, query_result result, time_point now) {
  const error_code status = result.report.status;
  if (!result.report.server.empty()) silent_until_ = time_point::min();
  if (status == errc::no_data && result.answer.is_unproven) return from_unproven(done, std::move(result), now);
  if (is_answer(status)) {
    lookup out;
    out.data = std::make_shared<const answer>(std::move(result.answer));
    out.report = std::move(result.report);
    out.status = status;
    out.received = out.again_at = out.expires = now;
    const cached_answer* held = nullptr;
    if (options_.cache && !done.is_outdated) {
      held = cache_.store(done.asked, out.data, out.report.server, done.sent, now, random_());
    }
    if (held && held->data == out.data) {
      out.ttl = remaining(held->expires, now);
      out.again_at = held->refresh_at;
      out.expires = held->expires;
    } else if (!options_.cache) {
      out.ttl = out.data->ttl;
      out.again_at = out.expires = later(now, out.ttl);
    }
    return out;
  }

  lookup out;
  if (is_alias_elsewhere(result.answer)) {
    out.data = std::make_shared<const answer>(std::move(result.answer));
    out.report = std::move(result.report);
    out.status = status;
    out.received = out.again_at = now;
    return out;
  }
  ++statistics_.failures;
  const bool is_kept = options_.cache && !done.is_outdated && status != boost::system::errc::operation_canceled &&
                       status != condition::bad_input &&
                       (status != errc::query_timed_out || now - done.sent >= shortest_fair_trial);
  if (is_kept) {
    cache_.store_failure(done.asked, status, now, random_(), extended_errors_of(result.report));
  }
  const cached_answer* held = find(done.asked, now);
  if (held && held->data) {
    out = from_cache(done.asked, *held, now);
    if (out.stale) statistics_.stale_hits += done.waiters.size();
  } else {
    out.status = status;
    out.again_at = held ? held->retry_at : now + longest_retry;
  }
  out.failure = status;
  if (!is_kept) out.again_at = now + longest_retry;
  out.report = std::move(result.report);
  return out;
}

// Rule 13.
lookup lookup_table::from_unproven(const flight& done, query_result result, time_point now) {
  const bool is_kept = options_.cache && !done.is_outdated;
  const cached_answer* held = is_kept ? find(done.asked, now) : nullptr;
  if (held && held->data && !held->data->status && held->failure != errc::empty_answer) {
    held = cache_.store_failure(done.asked, errc::empty_answer, now, random_());
    lookup out = from_cache(done.asked, *held, now);
    if (out.stale) statistics_.stale_hits += done.waiters.size();
    out.report = std::move(result.report);
    return out;
  }
  lookup out;
  out.data = std::make_shared<const answer>(std::move(result.answer));
  out.report = std::move(result.report);
  out.status = errc::no_data;
  out.unproven = true;
  out.received = out.again_at = out.expires = now;
  // Its TTL of 0 removes what was held.
  if (is_kept) (void)cache_.store(done.asked, out.data, out.report.server, done.sent, now, random_());
  return out;
}

void lookup_table::on_time(time_point now) {
  while (!events_.empty() && events_.begin()->first <= now) {
    const id number = events_.begin()->second;
    events_.erase(events_.begin());
    waiter& w = waiters_.at(number);
    w.event.reset();
    const question q = flights_.at(w.query).asked;
    if (now - flights_.at(w.query).sent >= client_response_timer) silent_until_ = now + silence;
    const cached_answer* held = find(q, now);
    lookup out;
    if (held && held->data) {
      out = from_cache(q, *held, now);
      if (out.stale) ++statistics_.stale_hits;
      if (!out.failure) out.failure = errc::query_timed_out;
      out.again_at = std::max(out.again_at, now + client_response_timer);
    } else if (now < w.deadline) {  // the cache has dropped the data in the meantime: wait until the deadline
      if (w.deadline < flights_.at(w.query).deadline) events_.emplace(*(w.event = w.deadline), number);
      continue;
    } else {
      out.status = out.failure = out.report.status = errc::query_timed_out;
      out.report.asked = q;
      out.again_at = now + longest_retry;
    }
    // With stale data the query continues until its own end; without, it ends with its last waiter.
    const id query = w.query;
    const bool ends = !out.data;
    finish(number, out);
    flight& left = flights_.at(query);
    std::erase(left.waiters, number);
    if (left.waiters.empty() && ends) give_up(query);
  }
}

void lookup_table::prolong(id waiter_id, time_point deadline) {
  const auto found = waiters_.find(waiter_id);
  if (found == waiters_.end() || found->second.deadline >= deadline) return;
  waiter& w = found->second;
  const bool ends_at_deadline = w.event == w.deadline;
  w.deadline = deadline;
  if (!ends_at_deadline) return;
  events_.erase({*w.event, waiter_id});
  w.event.reset();
  if (deadline < flights_.at(w.query).deadline) events_.emplace(*(w.event = deadline), waiter_id);
}

void lookup_table::leave(id waiter_id) {
  std::erase_if(answers_, [&](const auto& answer) { return answer.first == waiter_id; });
  const auto found = waiters_.find(waiter_id);
  if (found == waiters_.end()) return;
  const id query = found->second.query;
  remove_waiter(waiter_id);
  flight& left = flights_.at(query);
  std::erase(left.waiters, waiter_id);
  if (left.waiters.empty()) give_up(query);
}

void lookup_table::give_up(id query) {
  const auto found = flights_.find(query);
  if (found == flights_.end() || !found->second.waiters.empty()) return;
  if (const auto entry = in_flight_.find(found->second.asked); entry != in_flight_.end() && entry->second == query) {
    in_flight_.erase(entry);
  }
  flights_.erase(found);
  to_cancel_.push_back(query);
}

void lookup_table::finish(id waiter_id, const lookup& with) {
  remove_waiter(waiter_id);
  answers_.emplace_back(waiter_id, with);
}

void lookup_table::remove_waiter(id waiter_id) {
  const auto found = waiters_.find(waiter_id);
  if (found->second.event) events_.erase({*found->second.event, waiter_id});
  waiters_.erase(found);
}

milliseconds lookup_table::patience(time_point now) const noexcept {
  return now < silent_until_ ? shortest_patience : client_response_timer;
}

std::optional<lookup_table::time_point> lookup_table::next_event() const {
  if (events_.empty()) return std::nullopt;
  return events_.begin()->first;
}

void lookup_table::renew(time_point now) {
  renewed_ = now;
  std::vector<id> under_way;
  for (const auto& [q, number] : in_flight_) under_way.push_back(number);
  for (const id number : under_way) put_again(number, now);
}

void lookup_table::clear() {
  cache_.clear();
  for (auto& [number, under_way] : flights_) under_way.is_outdated = true;
  in_flight_.clear();
}

}  // namespace sdconnect::detail
