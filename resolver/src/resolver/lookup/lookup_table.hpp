/// \file
/// Decides which questions become queries: a cache in front, one query for all callers of the same
/// question, stale data if DNS gives no answer. Uses no sockets, no clock and no entropy.
#pragma once

#include "resolver/lookup/lookup.hpp"
#include "sdconnect/cache/answer_cache.hpp"
#include "sdconnect/resolver/resolver_options.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// A caller that asks is a waiter until it has its lookup. The owner sends the queries of
/// take_queries(), passes every result to on_result(), calls on_time() at next_event(), and
/// delivers the answers of take_answers().
///
///  1. The table returns a fresh answer at once. From its refresh_at on, the table also queries it
///     in the background; if that fails, the table returns the answer until its TTL ends.
///  2. A question has one query at a time; later callers join it (RFC 5452 §5: no birthday attack).
///     Cancelling one waiter does not affect the query of the others.
///  3. The query lives as long as the waiter it began for may wait; a background refresh lives 5 s.
///     A waiter with an earlier deadline alone gets query_timed_out. For a waiter with a later
///     deadline the table sends the question again, unless the waiter refreshes and the query had a
///     fair trial (rule 5): the waiter then knows enough.
///  4. If there is an expired answer, a waiter waits at most 1.8 s and then gets the stale answer,
///     while the query continues (RFC 8767 §5, "client response timer"). A failure delivers the
///     stale answer at once.
///  5. After a failure there is no query before retry_at (RFC 9520 §3.2): callers get the stale
///     answer at once or, if there is none, the failure. A timeout after less than 1.5 s says more
///     about the caller's deadline than about the server, and is not kept.
///  6. An answer with TTL 0 is for the callers that wait now, and for no later ones
///     (RFC 1035 §3.2.1).
///  7. A watcher uses mode refresh: an answer past refresh_at counts as none, and the watcher waits
///     for the new one without rule 4's timer, because it holds the last answer itself. If the
///     query fails, it gets the old answer and the reason.
///  8. A query whose last waiter leaves ends at once: it must not keep a program's loop running
///     (FAULTS O10).
///  9. An alias whose target is not in the answer proves nothing by itself and is not kept; the
///     walk follows it.
/// 10. When a waiter has waited for rule 4's timer without an answer, name servers count as silent
///     for 5 s, or until any answer comes: the table returns stale answers at once and refreshes
///     them in the background.
/// 11. After renew() earlier answers count as expired and earlier failures do not count, and the
///     table sends pending queries again, because the name servers or the network may have changed.
/// 12. Mode anew asks for an answer to a query sent from now on: the table sends a pending query
///     again, for all its waiters, and cached answers do not count. It does so at most once per
///     second for a question; in between, anew works like refresh.
/// 13. NODATA without a SOA (answer::is_unproven) is for the callers that wait now. The first one in
///     a row leaves data that the table holds in place: its waiters get these, and `failure` is
///     empty_answer. The second one removes them (FAULTS O14).
class lookup_table {
 public:
  using time_point = boot_clock::time_point;
  using id = std::uint64_t;

  enum class mode { normal, refresh, anew };

  struct query_to_send {
    id number = 0;
    question asked;
    time_point deadline;
  };
  struct asked {
    id waiter = 0;                 ///< valid without `answer`
    std::optional<lookup> answer;  ///< available at once
  };

  lookup_table(const resolver_options& options, std::function<std::uint32_t()> random);

  [[nodiscard]] asked ask(const question& q, time_point deadline, mode how, time_point now);

  /// Lets the waiter wait until `deadline`, if that is later than its present deadline.
  void prolong(id waiter, time_point deadline);

  /// Removes the waiter: it gets no lookup (rules 2 and 8). Ignores unknown waiters.
  void leave(id waiter);

  /// Takes the result of a query. Ignores further results, and results of cancelled queries.
  void on_result(id query, query_result result, time_point now);
  void on_time(time_point now);
  /// How long a caller with stale data should wait (rules 4 and 10).
  [[nodiscard]] std::chrono::milliseconds patience(time_point now) const noexcept;
  /// nullopt: only results to wait for.
  [[nodiscard]] std::optional<time_point> next_event() const;

  [[nodiscard]] std::vector<query_to_send> take_queries() { return std::exchange(to_send_, {}); }
  [[nodiscard]] std::vector<id> take_cancelled() { return std::exchange(to_cancel_, {}); }
  [[nodiscard]] std::vector<std::pair<id, lookup>> take_answers() { return std::exchange(answers_, {}); }

  void renew(time_point now);
  void clear();

  [[nodiscard]] const resolver_statistics& statistics() const noexcept { return statistics_; }

 private:
  struct flight {
    question asked;
    time_point sent;
    time_point deadline;
    std::vector<id> waiters;
    bool is_outdated = false;  // sent before clear(): its answer is not kept
  };
  struct waiter {
    id query = 0;
    time_point deadline;
    mode how = mode::normal;
    std::optional<time_point> event;  // its entry in events_
  };

  [[nodiscard]] const cached_answer* find(const question& q, time_point now);
  [[nodiscard]] bool is_fresh(const cached_answer& held, time_point now) const noexcept;
  [[nodiscard]] lookup from_cache(const question& q, const cached_answer& held, time_point now) const;
  [[nodiscard]] lookup from_result(const flight& done, query_result result, time_point now);
  [[nodiscard]] lookup from_unproven(const flight& done, query_result result, time_point now);
  id join(const question& q, time_point deadline, mode how, bool has_stale, time_point now);
  id query_for(const question& q, time_point deadline, time_point now);
  void put_again(id query, time_point now);
  [[nodiscard]] bool may_put_anew(const question& q, time_point now);
  void finish(id waiter_id, const lookup& with);
  void remove_waiter(id waiter_id);
  void give_up(id query);

  resolver_options options_;
  std::function<std::uint32_t()> random_;
  answer_cache cache_;
  time_point renewed_ = time_point::min();
  time_point silent_until_ = time_point::min();  // rule 10
  id last_id_ = 0;
  std::unordered_map<id, flight> flights_;
  std::unordered_map<question, id> in_flight_;
  std::unordered_map<id, waiter> waiters_;
  std::unordered_map<question, time_point> put_anew_;  // rule 12: times within the last second
  std::set<std::pair<time_point, id>> events_;         // of waiters
  std::vector<query_to_send> to_send_;
  std::vector<id> to_cancel_;
  std::vector<std::pair<id, lookup>> answers_;
  resolver_statistics statistics_;
};

}  // namespace sdconnect::detail
