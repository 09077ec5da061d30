/// \file
/// Every decision of connecting: which address when, and which attempt has lost. No sockets, no
/// clock.
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

/// Staggered racing inside a tier (RFC 8305 §5), tiers one after the other. Feed it what happened;
/// it says what to do.
///
///  1. The first candidate starts at once. Every attempt, also this one, waits for its turn; when
///     that would come after the deadline, none starts any more, and the race ends with what is
///     under way.
///  2. While the tier has candidates left, the next starts when the last start is `attempt_delay`
///     old, or as soon as an attempt fails.
///  3. An attempt older than `attempt_timeout` has failed.
///  4. The next tier starts when this one has no candidate left and none under way.
///  5. The first success ends the race; everything under way is abandoned.
///  6. With a `hedge_delay`: once in the race, when the last start is that old, the tier's next
///     endpoint starts beside it.
///  7. Every attempt but the first needs a retry. When there is none to be had, it is as in 1.
///  8. An endpoint that may not be used now goes behind all others, and is left out if it may not
///     be used there either.
///  9. An endpoint did as the last of its addresses that failed, well if one was connected to. What
///     was ended early proves nothing, but: without an answer in its head start, while a later
///     attempt got one, it was overtaken.
/// 10. Candidates may join, also after all have failed: then the race goes on. New addresses of an
///     endpoint that waits or is under way join its others. Any other endpoint goes behind those of
///     its tier. When that tier is over, it is the next to start, beside what is under way. An
///     address of an endpoint is tried once.
class race {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What an attempt has before the next one starts: `attempt_delay` within the limits of RFC 8305
  /// §8.
  [[nodiscard]] static std::chrono::milliseconds head_start(std::chrono::milliseconds attempt_delay);

  /// `context` outlives the race.
  race(std::vector<attempt_target> candidates, const race_options& with, race_context& context);

  struct step {
    std::vector<std::size_t> start;    ///< candidates to connect to now
    std::vector<std::size_t> abandon;  ///< attempts to close
    time_point wake{};                 ///< call on_timer then
    bool done = false;                 ///< see winner() and status()
  };

  [[nodiscard]] step start(time_point now);
  [[nodiscard]] step on_connected(std::size_t candidate, time_point now);
  [[nodiscard]] step on_failed(std::size_t candidate, error_code ec, time_point now);
  [[nodiscard]] step on_timer(time_point now);

  /// Rule 10. `fresh` is as from attempt_targets: each endpoint once, with all the addresses that
  /// it has now. An endpoint of the race keeps its index there, a new one has the next. Candidates
  /// that it does not name stay. Does nothing after a success, stop(), the deadline, or an end
  /// without leave. REQUIRES: start() was called.
  [[nodiscard]] step add(std::span<const attempt_target> fresh, time_point now);

  [[nodiscard]] const attempt_target& candidate(std::size_t index) const { return candidates_[index]; }
  /// Attempts at this endpoint have begun or wait to begin.
  [[nodiscard]] bool is_in_progress(std::size_t endpoint) const;
  [[nodiscard]] std::optional<std::size_t> winner() const noexcept { return winner_; }
  /// After done: success, unreachable, or the lack of descriptors that kept every attempt
  /// from starting.
  [[nodiscard]] error_code status() const noexcept { return status_; }
  /// It has tried all it has, without success, and nothing but the lack of others ended it: no
  /// leave that was refused, no lack of descriptors, no limit where all endpoints are at theirs.
  /// What joins then is tried.
  [[nodiscard]] bool is_exhausted() const noexcept;
  /// After done: what kept it from trying more.
  [[nodiscard]] connect_restraint restraint() const noexcept;

  struct attempt {
    std::size_t candidate = 0;
    time_point started{};
    std::chrono::microseconds elapsed{};
    error_code result;
    bool open = true;
  };
  /// Every attempt so far, in the order started.
  [[nodiscard]] const std::vector<attempt>& attempts() const noexcept { return attempts_; }

  /// Ends the race with everything under way abandoned.
  [[nodiscard]] step stop(error_code status, time_point now);

 private:
  /// Of one endpoint.
  struct progress {
    std::size_t waiting = 0;  ///< candidates not started yet
    std::size_t open = 0;
    bool has_begun = false;                              ///< at least one candidate was tried, or was about to be
    bool is_used = false;                                ///< its use is granted
    bool is_put_back = false;                            ///< its use was refused once
    bool is_left_out = false;                            ///< its use was refused twice: its candidates are in no queue
    bool is_at_limit = false;                            ///< which is why
    bool is_belated = false;                             ///< it joined when its place in the order was passed
    bool is_left_open = false;                           ///< an attempt was ended before it could tell anything
    bool is_settled = false;                             ///< on_endpoint() was called
    outcome_kind outcome = outcome_kind::local_failure;  ///< until an attempt says something
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

  // In attempt_of_.
  static constexpr std::size_t not_begun = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t left_out = not_begun - 1;

  std::vector<attempt_target> candidates_;
  race_options options_;
  race_context& context_;
  candidate_queue queue_;     // candidates not started, in their order
  candidate_queue put_back_;  // behind them
  std::vector<progress> endpoints_;
  std::vector<attempt> attempts_;
  std::vector<std::size_t> attempt_of_;  // by candidate; also of one that was refused
  std::vector<std::size_t> open_;        // of attempts_, in the order started
  time_point may_start_next_{};
  time_point last_start_{};
  std::uint16_t tier_ = 0;          // of the last start
  std::optional<time_point> turn_;  // of the next attempt
  bool has_retry_ = true;           // for the next attempt; the first one needs none
  bool is_out_of_retries_ = false;
  bool is_out_of_turns_ = false;
  bool may_hedge_ = false;
  bool is_over_ = false;     // nothing is under way or may start
  bool is_stopped_ = false;  // for ever
  std::optional<std::size_t> winner_;
  error_code status_;
};

}  // namespace sdconnect::detail
