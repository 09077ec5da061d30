/// \file
/// Which endpoint next, kept through refreshes and failures: an immutable snapshot for those who
/// pick, health and counters beside it.
#pragma once

#include "sdconnect/balancer/balanced_endpoint.hpp"
#include "sdconnect/balancer/balancer_options.hpp"
#include "sdconnect/balancer/endpoint_use.hpp"
#include "sdconnect/balancer/hash_key.hpp"
#include "sdconnect/balancer/pick_slot.hpp"

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace sdconnect {

/// The endpoints of one service. Thread safe, all of it. Those who pick take no lock; those who
/// change something (a set, health) take one and publish what they made of it. After fork() the
/// child may go on with it, when no other thread was in a call at that moment. Not for destructors
/// of static or thread_local objects. `now` may be left out; whoever gives it gives that of one
/// clock, which never goes back.
///
///  1. Usable is what can be tried (is_usable) and is not down. An endpoint on trial is given to
///     one at a time.
///  2. The tiers that serve are chosen by balancer_options::spill; within them the policy chooses.
///     Its chances are those of first_choice_shares, with each part times health's weight_share;
///     policy `ordered` gives what an endpoint lacks of its weight to the next in order.
///  3. When nothing is usable in any tier, health is ignored, and the lowest tier serves.
class balancer {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  /// Empty until the first update(). Errors: std::system_error as random_engine::from_os_entropy.
  explicit balancer(const balancer_options& options = {}, time_point now = clock::now());
  balancer(const balancer&) = delete;
  balancer& operator=(const balancer&) = delete;
  /// Leases live on.
  ~balancer();

  /// What DNS says now, in any order; what merge_endpoints would join counts as joined. An endpoint
  /// is the same as before when target and port are (names without case): health and counters stay,
  /// whatever weight and priority became. When none of its addresses is left, its health is
  /// forgotten; so it is when it has left and comes back. (A family that is missing does not count,
  /// as it may not have been answered.) Nothing is done where only a TTL changed. O(n log n).
  /// Errors: std::bad_alloc, after which only to destroy it is safe. REQUIRES: fewer than 2^20
  /// endpoints.
  void update(std::span<const endpoint> endpoints, time_point now = clock::now());

  /// The hot path: one of the usable endpoints; nullptr only when none can be tried. It is not
  /// counted: use acquire() where loads or limits matter. Whoever picks reports what became of it,
  /// or trials wait for each other. Valid until this thread picks, acquires or plans again, here or
  /// from another balancer. Allocates nothing, but for a thread's first pick.
  [[nodiscard]] const balanced_endpoint* pick() noexcept {
    detail::pick_slot& mine = slot();
    return pick_from(mine, mine.random);
  }

  /// The same with a generator of uniform 64-bit values of the caller's own.
  template <class Generator>
  requires std::invocable<Generator&>
  [[nodiscard]] const balanced_endpoint* pick(Generator& random) noexcept { return pick_from(slot(), random); }

  /// Policy `hash`: the endpoint of that key, as of hash_of_key. Policies of the user's own get the
  /// key too; for the others it is as pick().
  template <integer_key Key>
  [[nodiscard]] const balanced_endpoint* pick(Key key) noexcept {
    return pick_by_key(static_cast<std::uint64_t>(key));
  }

  /// As pick(), but counted. Empty when no endpoint can be tried or all of them are at their limit:
  /// where those of the tiers that serve are, the next tier's are taken, and what is down at last.
  [[nodiscard]] std::optional<endpoint_use> acquire(time_point now = clock::now(),
                                                    std::optional<std::uint64_t> key = {});
  template <integer_key Key>
  [[nodiscard]] std::optional<endpoint_use> acquire(Key key) {
    return acquire(clock::now(), static_cast<std::uint64_t>(key));
  }

  /// All that can be tried, for a request that fails over by itself: the usable ones tier after
  /// tier, those that serve first; then what is down, tier after tier. The first one is drawn as by
  /// pick(). Within a tier the policy draws the full order (RFC 2782 "Weight"); of those behind the
  /// first, one that is warming is put behind the others with the chance of what it lacks of its
  /// weight. A policy of the user's own is asked for the first 16.
  [[nodiscard]] attempt_plan plan(time_point now = clock::now(), std::optional<std::uint64_t> key = {});
  template <integer_key Key>
  [[nodiscard]] attempt_plan plan(Key key) {
    return plan(clock::now(), static_cast<std::uint64_t>(key));
  }

  /// The same plan, with attempt_plan::trace, whose indexes are those of attempt_plan::set. It
  /// tells the numbers that were drawn, unless the first was drawn by a policy of the user's, among
  /// tiers that share the load, or while something is warming or, with policy least_loaded, in
  /// flight.
  [[nodiscard]] attempt_plan explained_plan(time_point now, std::optional<std::uint64_t> key = {});

  /// An attempt of a plan, counted. Empty when it is at its limit or has left DNS and, unless it
  /// stands in the last resort, when it went down meanwhile or is on trial by another:
  /// attempt_plan::postpone puts it there. REQUIRES: a plan of this balancer, `at` < order.size().
  [[nodiscard]] std::optional<endpoint_use> try_acquire(const attempt_plan& plan, std::size_t at,
                                                        time_point now = clock::now());

  /// For those who pick(): what became of an attempt begun at `started`. A use has its own.
  /// REQUIRES, as below: a record of this balancer, also of what has left DNS since.
  void report(endpoint_record& record, outcome_kind outcome, std::chrono::microseconds latency, time_point started,
              time_point now = clock::now());
  void report_probe(const endpoint_record& probed, bool is_good, time_point now = clock::now());

  /// Does what is due: health, slow start, hold-down, reshuffling. O(1) when nothing is. All calls
  /// above but pick() do so first; whoever only picks calls this.
  void advance(time_point now = clock::now());
  /// When advance() has something to do; time_point::max(): not before the next call that changes
  /// something.
  [[nodiscard]] time_point next_change() const;
  /// The network is another one: nothing learned about health holds.
  void reset_health(time_point now = clock::now());

  /// The endpoints of the set in its order, then those that have left and are still in use. O(n).
  [[nodiscard]] std::vector<endpoint_status> status() const;
  /// What DNS said last. Never null.
  [[nodiscard]] std::shared_ptr<const endpoint_set> endpoints() const;

 private:
  [[nodiscard]] detail::pick_slot& slot() const noexcept { return detail::pick_slots[slot_]; }

  template <class Generator>
  [[nodiscard]] const balanced_endpoint* pick_from(detail::pick_slot& slot, Generator& random) noexcept {
    // Versions are unique in the process, so that one comparison tells the balancer too. No
    // snapshot has version 0.
    if (slot.version != version_->load(std::memory_order_acquire)) [[unlikely]]
      return pick_refreshed(slot, random);
    return draw_from(slot, random);
  }

  template <class Generator>
  [[nodiscard]] static const balanced_endpoint* draw_from(const detail::pick_slot& slot, Generator& random) noexcept {
    return slot.first + detail::draw_from_columns(slot.columns, slot.count, random);
  }

  /// Apart from the hot path, which then keeps nothing over a call.
  template <class Generator>
  [[gnu::noinline]] const balanced_endpoint* pick_refreshed(const detail::pick_slot& slot, Generator& random) noexcept {
    if (refresh()) return draw_from(slot, random);
    if constexpr (std::is_same_v<Generator, random_engine>) return pick_guarded(random);
    random_engine derived(random());
    return pick_guarded(derived);
  }

  /// Brings this thread's slot up to date. False: a pick needs more than its table.
  [[nodiscard]] bool refresh() const noexcept;
  [[nodiscard]] const balanced_endpoint* pick_by_key(std::uint64_t key) noexcept;
  [[nodiscard]] const balanced_endpoint* pick_guarded(random_engine& random) noexcept;

  std::shared_ptr<detail::balancer_core> core_;
  const std::atomic<std::uint64_t>* version_;  // of the core
  std::uint32_t slot_;
};

}  // namespace sdconnect
