/// \file
/// One walk led through a lookup table, from its first question to its conclusion. No sockets, no clock.
#pragma once

#include "resolver/lookup_table.hpp"
#include "resolver/walk.hpp"

#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect {

/// Answers that a watcher holds itself, since their TTL is shorter than it may ask: the next walk within that time
/// uses them again (FAULTS C1).
class held_answers {
 public:
  using time_point = boot_clock::time_point;

  explicit held_answers(std::chrono::milliseconds min_interval) : min_interval_(min_interval) {}

  /// Moves `fresh.again_at` to the first moment allowed, and keeps what the cache would forget before.
  void remember(const question& q, lookup& fresh, time_point now);
  [[nodiscard]] const lookup* find(const question& q, time_point now) const;
  [[nodiscard]] std::chrono::milliseconds min_interval() const noexcept { return min_interval_; }
  void clear() { held_.clear(); }
  void remove_expired(time_point now);

 private:
  struct entry {
    lookup kept;
    time_point until;
  };

  std::chrono::milliseconds min_interval_;
  std::unordered_map<question, entry> held_;
};

/// Begin with start(), pass on what the table delivers to waiters that `waits_for`, call on_time() at next_event(),
/// and conclude() once is_done(). The table, and `held` where given, must outlive it.
class resolution {
 public:
  using time_point = boot_clock::time_point;
  using waiter = lookup_table::id;

  struct how {
    lookup_table::mode mode = lookup_table::mode::normal;
    walk::detail detail = walk::detail::merged;
    held_answers* held = nullptr;
  };

  resolution(const service_query& query, how asking, time_point now);

  void start(lookup_table& table, time_point now);
  void on_answer(lookup_table& table, waiter who, lookup answer, time_point now);
  void on_time(time_point now);
  /// Takes its questions back; also to be called when it is done before their answers came. Returns who waited.
  std::vector<waiter> leave(lookup_table& table, lookup_table::leaving why, time_point now);

  [[nodiscard]] bool is_done() const noexcept { return is_done_; }
  [[nodiscard]] bool waits_for(waiter who) const { return waiting_.contains(who); }
  /// The waiters added since the last call: whoever routes answers wants to know them.
  [[nodiscard]] std::vector<waiter> take_new_waiters() { return std::exchange(new_, {}); }
  /// Never later than a moment behind its deadline, by which the table has told every waiter.
  [[nodiscard]] time_point next_event() const;

  /// Once only. `if_unknown` as in walk::finish.
  [[nodiscard]] walk::conclusion conclude(error_code if_unknown) { return walk_.finish(if_unknown); }

 private:
  void perform(lookup_table& table, walk::step next, time_point now);

  walk walk_;
  how how_;
  time_point deadline_;
  std::optional<time_point> finish_at_;
  std::unordered_map<waiter, question> waiting_;
  std::vector<waiter> new_;
  bool is_done_ = false;
};

}  // namespace sdconnect
