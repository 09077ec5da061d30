/// \file
/// Decides which questions become queries: a cache in front, one query for everybody who asks the
/// same, stale data when DNS gives no answer. No sockets, no clock, no entropy.
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

/// Who asks is a waiter until it has its lookup. The caller sends what take_queries() names, hands
/// over every result, calls on_time() at next_event(), and passes on what take_answers() delivers.
///
///  1. A fresh answer is given at once. From its refresh_at on it is asked for again besides; when
///     that fails, it goes on being given until its TTL ends.
///  2. One query for a question at a time; whoever asks it meanwhile joins (RFC 5452 §5: no
///     birthday attack). Cancelling one waiter leaves the others' query alone.
///  3. The query lives as long as the waiter it began for may wait, that of a background refresh 5
///     s. A waiter with an earlier deadline has query_timed_out alone; for one with a later
///     deadline the question is put again, unless it refreshes and the query had a fair trial (rule
///     5): then it knows what it needs.
///  4. With an expired answer at hand a waiter waits 1.8 s at most, then it has the stale one while
///     the query goes on (RFC 8767 §5, "client response timer"). A failure delivers it at once.
///  5. After a failure nobody asks before retry_at (RFC 9520 §3.2): the stale answer is given at
///     once or, where there is none, the failure. Timing out in less than 1.5 s says more of the
///     asker's haste than of the server, and is not kept.
///  6. TTL 0 is for those who wait now, and for nobody later (RFC 1035 §3.2.1).
///  7. A watcher asks to refresh: an answer past refresh_at is as good as none, and it waits for
///     the new one without rule 4's timer, since it holds the last one itself. When that fails it
///     has the old answer and the reason.
///  8. A query nobody waits for any more ends at once: it must not keep a program's loop running
///     (FAULTS O10).
///  9. An alias whose target the answer does not hold, proves nothing by itself and is not kept;
///     the walk follows it.
/// 10. Once somebody has waited as long as rule 4's timer in vain, and until an answer to anything
/// comes, name servers count as silent: stale answers are given at once, while they are asked for
/// in the background.
/// 11. After renew() what was learned before counts as expired, a failure as none, and what is
///     under way is asked anew: other servers, or a machine that slept, may know better.
/// 12. Who asks anew wants an answer to a query sent from now on: a query under way is put again,
///     for all who wait for it, and what is kept does not count. A question is put anew once a
///     second at most; in between it is asked for as by a watcher.
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
    id waiter = 0;                 ///< meaningful without `answer`
    std::optional<lookup> answer;  ///< given at once
  };

  lookup_table(const resolver_options& options, std::function<std::uint32_t()> random);

  [[nodiscard]] asked ask(const question& q, time_point deadline, mode how, time_point now);

  /// The waiter may wait until `deadline`, when that is later than what it asked with.
  void prolong(id waiter, time_point deadline);

  /// The waiter gets nothing any more (rules 2 and 8). Unknown ones are ignored.
  void leave(id waiter);

  /// The result of a query; later ones than the first, and of queries taken back, are ignored.
  void on_result(id query, query_result result, time_point now);
  void on_time(time_point now);
  /// How long somebody with something stale at hand should wait (rules 4 and 10).
  [[nodiscard]] std::chrono::milliseconds patience(time_point now) const noexcept;
  /// nullopt: nothing to wait for but results.
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
  std::unordered_map<question, time_point> put_anew_;  // rule 12: when, in the last second
  std::set<std::pair<time_point, id>> events_;         // of waiters
  std::vector<query_to_send> to_send_;
  std::vector<id> to_cancel_;
  std::vector<std::pair<id, lookup>> answers_;
  resolver_statistics statistics_;
};

}  // namespace sdconnect::detail
