/// \file
/// Keeps the DNS data of one service: when to ask again, for whom, and what may be used in the
/// meantime. Uses no sockets and no clock.
#pragma once

#include "resolver/lookup/held_answers.hpp"
#include "resolver/lookup/lookup_router.hpp"
#include "resolver/view/resolve_task.hpp"
#include "resolver/view/view_merger.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace sdconnect::detail {

struct view_options {
  /// A record set with a shorter TTL, 0 included, counts as having this TTL.
  std::chrono::milliseconds min_interval{5000};
  /// How long after a use the view refreshes itself. 0: only uses refresh it; max(): forever.
  std::chrono::milliseconds keep_fresh{0};
};

/// Performs walks repeatedly, one at a time.
///
///  1. The first walk uses cached answers. Later walks ask again only for record sets past their
///     refresh time: every record set has its own clock.
///  2. The next walk is due when the first used record set is due. The second walk of a view that
///     is not watched is earlier, at a random time, and asks for everything: otherwise services
///     first queried in the same second would be queried again in the same second, TTL after TTL.
///     While something fails, the next walk is due at its retry time, at most 5 s from now. A use
///     begins a walk that is due; within `keep_fresh` of a use a timer does so.
///  3. A view may be used while every record set of its endpoints is within its TTL, and beyond it
///     while DNS was asked and has not answered. Only a caller that finds the view past its TTL,
///     with no question pending, waits: 1.8 s, or 100 ms while name servers are silent
///     (RFC 8767 §5). The view reports a negative result until a record set of that answer ends its
///     TTL (RFC 2308 §5), and asks again in the background from its refresh time on. If a walk
///     needs no other answer, its open questions continue for the cache until the next walk begins.
///     So do the questions of a walk that has learned enough when another record set is due: a
///     silent server delays no refresh. So do those of a walk that has waited for 1.8 s, if the view
///     is known.
///  4. During a walk, the view publishes the results as soon as they are enough to connect (walk,
///     rule 6), and later results 50 ms after each publication, plus 50 ms for each 500 endpoints,
///     because a publication copies all. A watched view (keep_fresh is max()) publishes when the
///     walk has ended, so that a failure differs from a late answer.
///  5. When no known endpoint can be connected to, the view asks DNS anew for everything: at once,
///     the next time after 5 s, 10 s, 20 s ... up to the TTL, with jitter. After a success these
///     delays begin again at 5 s.
class live_view final : public lookup_user {
 public:
  /// `router` must outlive the view. The view calls `on_news` when it has changed or a walk has
  /// brought all it can; `on_news` may destroy only what it alone owns.
  live_view(lookup_router& router, const service_query& query, const view_options& options,
            std::function<void(time_point)> on_news);
  live_view(const live_view&) = delete;
  live_view& operator=(const live_view&) = delete;
  ~live_view();

  enum class usability : std::uint8_t {
    usable,   ///< use view()
    absent,   ///< the answer is negative: see status()
    waiting,  ///< an answer is pending: on_news() follows
    failed,   ///< nothing is known, and DNS did not answer: see status()
  };
  struct use_result {
    usability state{};
    std::uint64_t walk = 0;           ///< the walk to wait for; see has_settled()
    std::optional<time_point> until;  ///< for `waiting`: use then what is known; nullopt: nothing is known
  };
  /// For a caller that connects and waits until `deadline` at most. Begins a walk that is due.
  [[nodiscard]] use_result use(time_point deadline, time_point now);
  /// True if the walk has brought its results, or will bring nothing more.
  [[nodiscard]] bool has_settled(std::uint64_t walk) const noexcept { return settled_ >= walk; }
  /// Valid after has_settled().
  [[nodiscard]] usability state() const noexcept;
  /// Call this if no caller waits any more: the view leaves what its first walk has not learned to
  /// the next use (FAULTS O10).
  void release(time_point now);

  /// Rule 5. Returns the walk to wait for; nullopt: it is too early to ask anew.
  [[nodiscard]] std::optional<std::uint64_t> ask_anew(time_point now);
  void on_success() noexcept { anew_count_ = 0; }

  /// Begins the first walk, or one that is due, without a caller that waits for it.
  void warm(time_point now);

  [[nodiscard]] const std::shared_ptr<const service>& view() const noexcept { return merger_.view(); }
  [[nodiscard]] std::uint64_t version() const noexcept { return merger_.version(); }
  [[nodiscard]] error_code status() const noexcept { return merger_.status(); }
  [[nodiscard]] std::chrono::milliseconds patience(time_point now) const noexcept { return router_.patience(now); }
  [[nodiscard]] bool is_walking() const noexcept { return walking_ != nullptr; }
  [[nodiscard]] std::uint64_t walks() const noexcept { return walks_; }
  /// nullopt: no walk is ever due again, as for a name that cannot be queried.
  [[nodiscard]] std::optional<time_point> next_walk() const noexcept { return next_walk_; }

  /// When the first of the records in view() has reached its TTL; nullopt: nothing is known.
  [[nodiscard]] std::optional<time_point> expires() const noexcept { return expires_; }

  /// For watchers.
  [[nodiscard]] std::optional<watch_update> take(time_point now) { return merger_.take(now); }

  void on_lookup(lookup_table::id, lookup, time_point) override {}  // its task asks and gets the answers
  void on_time(time_point now) override;
  void on_renewal(time_point now, std::uint32_t random) override;

 private:
  [[nodiscard]] bool is_watched() const noexcept { return options_.keep_fresh == std::chrono::milliseconds::max(); }
  [[nodiscard]] bool is_due(time_point now) const noexcept { return next_walk_ && now >= *next_walk_; }
  /// True if no walk is in progress, or the current one has learned enough and been published.
  /// A known view also leaves a walk that has waited in vain: its questions continue, and record
  /// sets that have become due meanwhile are asked for before they end.
  [[nodiscard]] bool may_begin(time_point now) const noexcept;
  void note_use(time_point now);
  void begin_walk(lookup_router::mode mode, std::optional<time_point> deadline, time_point now);
  [[nodiscard]] lookup_router::mode next_mode() const noexcept;
  [[nodiscard]] std::chrono::nanoseconds anew_delay();
  void on_progress(time_point now);
  [[nodiscard]] time_point next_publication() const;
  void finish_walk(time_point now);
  void schedule(const walk::conclusion& result, time_point now);
  void sleep();

  lookup_router& router_;
  service_query query_;
  view_options options_;
  std::function<void(time_point)> on_news_;
  held_answers held_;
  view_merger merger_;
  std::unique_ptr<resolve_task> walking_;
  std::unique_ptr<resolve_task> lingering_;  // the previous walk: it has open questions that no caller waits for
  time_point begun_{};                       // of the current or last walk
  std::uint64_t walks_ = 0;                  // number of walks begun
  std::uint64_t settled_ = 0;                // the last of these that has settled
  bool is_first_walk_ = false;               // the current walk is the first
  bool has_walked_ = false;
  bool is_asking_anew_ = false;
  bool is_spreading_ = false;  // rule 2: the next walk is the second one, and early
  std::optional<time_point> next_walk_;
  std::optional<time_point> expires_;  // rule 3
  time_point published_{};
  std::optional<time_point> publish_at_;
  time_point fresh_until_ = time_point::min();
  time_point renewed_ = time_point::min();  // a walk that began earlier may hold outdated data
  time_point walk_after_renewal_{};
  time_point anew_after_ = time_point::min();
  std::uint32_t anew_count_ = 0;
};

}  // namespace sdconnect::detail
