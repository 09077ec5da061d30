/// \file
/// Makes every decision of connecting: which address to try when, and which attempt has lost. No
/// sockets, no clock.
#pragma once

#include "connect/race/candidate_queue.hpp"
#include "connect/race/race_context.hpp"
#include "connect/race/race_options.hpp"
#include "sdconnect/connect/connect_attempt.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Staggered racing inside a tier (RFC 8305 §5), tiers one after the other. The caller passes
/// events in, and performs the steps that are returned.
///
///  1. The first candidate starts at once. Every attempt, including the first, waits for its turn.
///     If the turn would come after the deadline, no further attempt starts, and the race ends with
///     those under way.
///  2. While the tier has candidates left, the next one starts when the last start is
///     `attempt_delay` old, or as soon as an attempt fails.
///  3. An attempt older than `attempt_timeout` has failed.
///  4. The next tier starts when this one has no candidate left and no attempt under way.
///  5. The first success ends the race; everything under way is abandoned.
///  6. With a `hedge_delay`: once in the race, when the last start is that old, the tier's next
///     endpoint starts in parallel.
///  7. Every attempt but the first needs a retry. If the budget has none, no further attempt
///     starts, as in 1.
///  8. An endpoint that may not be used now goes behind all others, and is left out if it may not
///     be used there either.
///  9. The outcome of an endpoint is that of the last of its addresses that failed, or success if
///     one was connected to. An attempt that was ended early proves nothing, with one exception: it
///     was overtaken if it had no answer in its head start while a later attempt got one.
/// 10. Candidates may join, also after all have failed: then the race continues. New addresses of
///     an endpoint that waits or is under way join its others. Any other endpoint goes behind those
///     of its tier. If that tier is over, the endpoint is the next to start, in parallel to what is
///     under way. An address of an endpoint is tried once.
/// 11. Every tier gets its time. If nothing of a tier has answered (connected, or refused with RST),
///     and its addresses do not all fit into its time, its endpoints that were not tried are tried
///     with one address each, with the families alternating from endpoint to endpoint, before any
///     gets a second one.
/// 12. A tier of which nothing has answered gives way to the next one when the time left is down to
///     the greater of 2 x `attempt_delay` and 1/(n + 1) of what was left when the tier began, n
///     being the number of tiers behind it; but not before 1.25 s of silence, in which a lost SYN is
///     sent again. Its open attempts continue, and what it has not tried goes behind all tiers. If
///     a tier connects while attempts of a lower one are open, the race waits for `attempt_delay`
///     for the lower one, which wins if it connects in that time.
class race {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Returns the head start of an attempt before the next one starts: `attempt_delay` within the
  /// limits of RFC 8305 §8.
  [[nodiscard]] static std::chrono::milliseconds head_start(std::chrono::milliseconds attempt_delay);

  /// `context` must outlive the race.
  race(std::vector<attempt_target> candidates, const race_options& with, race_context& context);

  struct step {
    std::vector<std::size_t> start;    ///< candidates to connect to now
    std::vector<std::size_t> abandon;  ///< candidates whose attempts must be closed
    time_point wake{};                 ///< when to call on_timer()
    bool done = false;                 ///< the race is over: see winner() and status()
  };

  [[nodiscard]] step start(time_point now);
  [[nodiscard]] step on_connected(std::size_t candidate, time_point now);
  [[nodiscard]] step on_failed(std::size_t candidate, error_code ec, time_point now);
  [[nodiscard]] step on_timer(time_point now);

  /// Rule 10. `fresh` is as from attempt_targets: each endpoint once, with all its current
  /// addresses. An endpoint of the race keeps its index, a new one has the next. Candidates that
  /// are not in `fresh` stay. Does nothing after a success, stop(), the deadline, or an end without
  /// permission. REQUIRES: start() was called.
  [[nodiscard]] step add(std::span<const attempt_target> fresh, time_point now);

  [[nodiscard]] const attempt_target& candidate(std::size_t index) const { return candidates_[index]; }
  /// True if attempts at this endpoint are under way or wait to begin.
  [[nodiscard]] bool is_in_progress(std::size_t endpoint) const;
  [[nodiscard]] std::optional<std::size_t> winner() const noexcept { return winner_; }
  /// After done: success, unreachable, refused_address, the status of stop(), or the lack of
  /// descriptors that made an attempt fail.
  [[nodiscard]] error_code status() const noexcept { return status_; }
  /// True if the race has tried everything without success, and only the lack of candidates ended
  /// it: no permission was refused, descriptors did not run out, and not all endpoints are at their
  /// limit. Candidates that join then are tried.
  [[nodiscard]] bool is_exhausted() const noexcept;
  /// After done: what kept the race from trying more.
  [[nodiscard]] connect_restraint restraint() const noexcept;
  /// After done: the endpoints that could have been tried and were not. After a success only those
  /// that gave way to another tier (rule 12).
  [[nodiscard]] std::vector<std::size_t> untried() const;

  struct attempt {
    std::size_t candidate = 0;
    time_point started{};
    std::chrono::microseconds elapsed{};
    error_code result;
    bool open = true;
    bool has_given_way = false;  ///< its tier gave way to the next one
  };
  /// Every attempt so far, in the order started.
  [[nodiscard]] const std::vector<attempt>& attempts() const noexcept { return attempts_; }

  /// Ends the race, and abandons everything under way.
  [[nodiscard]] step stop(error_code status, time_point now);

 private:
  /// State of one endpoint.
  struct progress {
    std::size_t waiting = 0;  ///< candidates not started yet
    std::size_t open = 0;
    bool has_begun = false;                              ///< its use was granted at least once
    bool is_used = false;                                ///< its use is granted
    bool is_put_back = false;                            ///< its use was refused once
    bool is_left_out = false;                            ///< its use was refused twice: its candidates are in no queue
    bool is_at_limit = false;                            ///< it was left out because of its limit
    bool is_belated = false;                             ///< it joined after its place in the order was passed
    bool is_left_open = false;                           ///< an attempt was ended before it had a result
    bool is_passed_over = false;                         ///< it goes behind all tiers (rule 12)
    bool is_settled = false;                             ///< on_endpoint() was called
    outcome_kind outcome = outcome_kind::local_failure;  ///< until an attempt has a result
    std::chrono::microseconds elapsed{};                 ///< of the last attempt
  };

  [[nodiscard]] step advance(step next, time_point now);
  [[nodiscard]] bool has_more();
  [[nodiscard]] bool is_of_this_tier(std::size_t candidate) const;
  [[nodiscard]] bool is_held_back() const noexcept { return is_out_of_retries_ || is_out_of_turns_; }
  [[nodiscard]] bool is_hedge_due(time_point now) const;
  [[nodiscard]] bool has_leave(time_point now);
  void start_hedge(step& next, time_point now);
  [[nodiscard]] bool enter(std::size_t endpoint, time_point now);
  void put_back(std::size_t endpoint);
  void begin(std::size_t candidate, step& next, time_point now);
  void note_refused(std::size_t candidate, time_point now);
  [[nodiscard]] time_point next_wake() const;
  void close(std::size_t index, error_code ec, outcome_kind outcome, time_point now);
  void settle(std::size_t endpoint, time_point now);
  void settle_all(time_point now);
  class arrivals;

  // Rules 11 and 12.
  void note_tier(std::size_t candidate, time_point now);
  void count_tiers_left();
  void note_answer(const attempt& of, outcome_kind outcome, time_point now);
  [[nodiscard]] candidate_queue::iterator end_of_this_tier();
  [[nodiscard]] bool is_tier_open() const;
  [[nodiscard]] time_point end_of_tier_time() const;
  [[nodiscard]] time_point gives_way_at() const;
  [[nodiscard]] bool is_dead(ip_family family) const;
  void give_way();
  [[nodiscard]] bool must_spread(time_point now);
  void spread();
  [[nodiscard]] bool is_below_open(std::size_t candidate) const;
  [[nodiscard]] step hold(std::size_t candidate, time_point now);
  void release_held();
  [[nodiscard]] step win(std::size_t candidate, time_point now);

  // Special values in attempt_of_.
  static constexpr std::size_t not_begun = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t left_out = not_begun - 1;

  std::vector<attempt_target> candidates_;
  race_options options_;
  race_context& context_;
  candidate_queue queue_;     // candidates not started, in their order
  candidate_queue put_back_;  // candidates behind those of queue_
  std::vector<progress> endpoints_;
  std::vector<attempt> attempts_;
  std::vector<std::size_t> attempt_of_;  // by candidate; also of refused ones
  std::vector<std::size_t> open_;        // of attempts_, in the order started
  time_point may_start_next_{};
  time_point last_start_{};
  std::uint16_t tier_ = 0;                // of the last start
  std::optional<time_point> tier_began_;  // when its first attempt started
  std::size_t tiers_left_ = 0;            // behind it
  bool has_tier_answered_ = false;
  bool is_spread_ = false;           // rule 11 was applied to the tier
  bool has_separated_ = false;       // candidates of one endpoint may not be adjacent in the queue
  time_point last_answer_{};         // or the first start
  std::optional<std::size_t> held_;  // the candidate that has connected while the race waits for a lower tier
  time_point hold_until_{};
  std::optional<time_point> turn_;  // of the next attempt
  bool has_retry_;                  // for the next attempt; the first one of a connect needs none
  bool is_out_of_retries_ = false;
  bool is_out_of_turns_ = false;
  bool may_hedge_ = false;
  bool is_over_ = false;     // nothing is under way or may start
  bool is_stopped_ = false;  // permanently: nothing can join
  bool is_out_of_time_ = false;
  std::optional<std::size_t> winner_;
  error_code status_;
};

}  // namespace sdconnect::detail
