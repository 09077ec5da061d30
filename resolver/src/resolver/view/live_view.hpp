/// \file
/// What DNS says of one service, kept: when to ask again, for whom, and what may be used meanwhile.
/// No sockets, no clock.
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
  /// A record set with a shorter TTL, 0 included, counts as having this one.
  std::chrono::milliseconds min_interval{5000};
  /// How long after a use the view is refreshed by itself. 0: only uses refresh it; max(): for
  /// ever.
  std::chrono::milliseconds keep_fresh{0};
};

/// Walks again and again, one walk at a time.
///
///  1. The first walk takes what the cache has; later ones ask again for what is past its refresh
///     time, and for nothing else: every record set has its own clock.
///  2. The next walk is due when the first record set used is; the second walk of a view that is
///     not watched earlier, at a random time, and it asks for everything: services that were asked
///     for first in the same second are not asked for again in the same second, TTL after TTL.
///     While something fails, that is at its retry time, 5 s from now at the latest. A use begins a
///     walk that is due, and within `keep_fresh` of a use a timer does.
///  3. A view may be used while every record set that its endpoints come from is within its TTL,
///     and beyond it while DNS was asked and has not answered. Only who finds it past its TTL, and
///     not asked for, waits: 1.8 s, or 100 ms while name servers are silent (RFC 8767 §5). That
///     nothing is there is said until a record set of that answer ends its TTL (RFC 2308 §5), and
///     asked for again in the background from its refresh time on. A walk that needs no other
///     answer leaves its open questions to the cache, until the next one begins. So does one that
///     has learned enough, when another record set is due: who does not answer holds up no refresh.
///  4. While a walk goes on, what it has learned is published as soon as that is enough to connect
///     (walk, rule 6), and 50 ms after each publication what has come since. A view that is watched
///     (keep_fresh is max()) is published when the walk has ended, so that a failure is told from
///     an answer that is late.
///  5. When no endpoint that is known can be connected to, DNS is asked anew for everything: at
///     once, the next time after 5 s, 10 s, 20 s ... up to the TTL, with jitter; at once again
///     after a success.
class live_view final : public lookup_user {
 public:
  /// `router` outlives it. `on_news` is called when the view has changed or a walk has brought all
  /// it can; it may destroy nothing but what only it owns.
  live_view(lookup_router& router, const service_query& query, const view_options& options,
            std::function<void(time_point)> on_news);
  live_view(const live_view&) = delete;
  live_view& operator=(const live_view&) = delete;
  ~live_view();

  enum class usability : std::uint8_t {
    usable,   ///< go by view()
    absent,   ///< the answer is no: status()
    waiting,  ///< an answer is on its way: on_news() comes
    failed,   ///< nothing is known, and DNS did not answer: status()
  };
  struct use_result {
    usability state{};
    std::uint64_t walk = 0;           ///< what is waited for; see has_settled()
    std::optional<time_point> until;  ///< of `waiting`: what is known then will do; nullopt: nothing is known
  };
  /// For somebody who connects, and waits until `deadline` at most. Begins what is due.
  [[nodiscard]] use_result use(time_point deadline, time_point now);
  /// What a walk that was waited for has brought, or nothing more will come of it.
  [[nodiscard]] bool has_settled(std::uint64_t walk) const noexcept { return settled_ >= walk; }
  /// After has_settled().
  [[nodiscard]] usability state() const noexcept;
  /// Nobody waits any more: what a first walk has not learned yet is left to the next use (FAULTS
  /// O10).
  void release(time_point now);

  /// Rule 5. The walk to wait for; nullopt: it is too early to ask anew.
  [[nodiscard]] std::optional<std::uint64_t> ask_anew(time_point now);
  void on_success() noexcept { anew_count_ = 0; }

  /// Begins the first walk, or one that is due, for nobody in particular.
  void warm(time_point now);

  [[nodiscard]] const std::shared_ptr<const service>& view() const noexcept { return merger_.view(); }
  [[nodiscard]] std::uint64_t version() const noexcept { return merger_.version(); }
  [[nodiscard]] error_code status() const noexcept { return merger_.status(); }
  [[nodiscard]] std::chrono::milliseconds patience(time_point now) const noexcept { return router_.patience(now); }
  [[nodiscard]] bool is_walking() const noexcept { return walking_ != nullptr; }
  [[nodiscard]] std::uint64_t walks() const noexcept { return walks_; }
  /// nullopt: no walk is ever due again, as for a name that cannot be asked.
  [[nodiscard]] std::optional<time_point> next_walk() const noexcept { return next_walk_; }

  /// For who watches.
  [[nodiscard]] std::optional<watch_update> take(time_point now) { return merger_.take(now); }

  void on_lookup(lookup_table::id, lookup, time_point) override {}  // its task asks
  void on_time(time_point now) override;
  void on_renewal(time_point now, std::uint32_t random) override;

 private:
  [[nodiscard]] bool is_watched() const noexcept { return options_.keep_fresh == std::chrono::milliseconds::max(); }
  [[nodiscard]] bool is_due(time_point now) const noexcept { return next_walk_ && now >= *next_walk_; }
  /// No walk is under way, or it has learned enough and been published.
  [[nodiscard]] bool may_begin() const noexcept { return !walking_ || settled_ == walks_; }
  void note_use(time_point now);
  void begin_walk(lookup_router::mode mode, std::optional<time_point> deadline, time_point now);
  [[nodiscard]] lookup_router::mode next_mode() const noexcept;
  [[nodiscard]] std::chrono::nanoseconds anew_delay();
  void on_progress(time_point now);
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
  std::unique_ptr<resolve_task> lingering_;  // the walk before: it has questions open that nobody waits for
  time_point begun_{};                       // the walk under way, or the last one
  std::uint64_t walks_ = 0;                  // begun
  std::uint64_t settled_ = 0;                // of these
  bool is_first_walk_ = false;               // the one under way
  bool has_walked_ = false;
  bool is_asking_anew_ = false;
  bool is_spreading_ = false;  // rule 2: the next walk is the second, and early
  std::optional<time_point> next_walk_;
  std::optional<time_point> expires_;  // rule 3
  time_point published_{};
  std::optional<time_point> publish_at_;
  time_point fresh_until_ = time_point::min();
  time_point renewed_ = time_point::min();  // a walk begun before may hold what no longer is
  time_point walk_after_renewal_{};
  time_point anew_after_ = time_point::min();
  std::uint32_t anew_count_ = 0;
};

}  // namespace sdconnect::detail
