/// \file
/// Chooses the next endpoint of a service and keeps its state through refreshes and failures.
/// Threads that pick read an immutable snapshot; health and counters are stored beside it.
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

/// The endpoints of one service. All functions are thread safe. Picking takes no lock; calls that
/// change something (the set, health) take one and publish a new snapshot. After fork() the child
/// may continue to use the balancer if no other thread was in a call at that moment. Must not be
/// used in destructors of static or thread_local objects. `now` may be omitted; all `now` arguments
/// must come from one clock that never goes back.
///
///  1. An endpoint is usable if it can be tried (is_usable) and is not down. An endpoint on trial
///     is given to one request at a time.
///  2. balancer_options::spill selects the tiers that serve; the policy chooses within them. The
///     probabilities are those of first_choice_shares, each multiplied by the endpoint's
///     weight_share. Policy `ordered` gives the missing part of an endpoint's weight to the next in
///     order.
///  3. If no endpoint of any tier is up or warming, endpoints on trial come first; then the lowest
///     tier serves, and its health is ignored.
class balancer {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  /// Creates an empty balancer; the first update() fills it. Errors: std::system_error, as
  /// random_engine::from_os_entropy.
  explicit balancer(const balancer_options& options = {}, time_point now = clock::now());
  balancer(const balancer&) = delete;
  balancer& operator=(const balancer&) = delete;
  /// Uses (endpoint_use) may outlive the balancer.
  ~balancer();

  /// Replaces the set by what DNS says now, in any order; endpoints that merge_endpoints would join
  /// are joined. An endpoint is the same as before if target and port are equal (case-insensitive):
  /// it keeps health and counters, even if weight or priority changed; another port is another
  /// endpoint. Its health is forgotten if none of its addresses is left, or if it left the set and
  /// comes back. (An address family that is missing does not count, since DNS may not have answered
  /// for it.) Does nothing if only a TTL changed. O(n log n). Errors: std::bad_alloc; after that,
  /// only destroying the balancer is safe. REQUIRES: fewer than 2^20 endpoints.
  void update(std::span<const endpoint> endpoints, time_point now = clock::now());
  /// Same, for a list of a resolver: shares it instead of copying it. REQUIRES: not null.
  void update(std::shared_ptr<const std::vector<endpoint>> endpoints, time_point now = clock::now());

  /// The hot path: returns one of the usable endpoints, or nullptr only if none can be tried. Does
  /// not count the endpoint as in use: call acquire() where loads or limits matter. The caller must
  /// report the outcome: an endpoint on trial is given to no other request until then. The result
  /// is valid until this thread picks, acquires or plans again, on this or another balancer.
  /// Allocates nothing, except on a thread's first pick.
  [[nodiscard]] const balanced_endpoint* pick() noexcept {
    detail::pick_slot& mine = slot();
    return pick_from(mine, mine.random);
  }

  /// Same, with the caller's own generator of uniform 64-bit values.
  template <class Generator>
  requires std::invocable<Generator&>
  [[nodiscard]] const balanced_endpoint* pick(Generator& random) noexcept { return pick_from(slot(), random); }

  /// Policy `hash`: returns the endpoint of this key, for example a result of hash_of_key.
  /// User-defined policies get the key too; for the other policies this is the same as pick().
  template <integer_key Key>
  [[nodiscard]] const balanced_endpoint* pick(Key key) noexcept {
    return pick_by_key(static_cast<std::uint64_t>(key));
  }

  /// Same as pick(), but counts the endpoint as in use. Empty if no endpoint can be tried, or if
  /// all are at their limit. If all endpoints of the serving tiers are at their limit, takes one of
  /// the next tier, and finally one that is down.
  [[nodiscard]] std::optional<endpoint_use> acquire(time_point now = clock::now(),
                                                    std::optional<std::uint64_t> key = {});
  template <integer_key Key>
  [[nodiscard]] std::optional<endpoint_use> acquire(Key key) {
    return acquire(clock::now(), static_cast<std::uint64_t>(key));
  }

  /// Returns all endpoints that can be tried, for a request that fails over by itself: the usable
  /// ones tier by tier, serving tiers first; then those that are down, tier by tier. The first one
  /// is drawn as by pick(). Within a tier the policy draws the full order (RFC 2782 "Weight"). In
  /// the tier of the first one, an endpoint behind it that is warming moves behind the others with
  /// a probability equal to the missing part of its weight. A user-defined policy is asked for the
  /// first 16.
  [[nodiscard]] attempt_plan plan(time_point now = clock::now(), std::optional<std::uint64_t> key = {});
  template <integer_key Key>
  [[nodiscard]] attempt_plan plan(Key key) {
    return plan(clock::now(), static_cast<std::uint64_t>(key));
  }

  /// Returns the same plan with attempt_plan::trace, whose indexes refer to attempt_plan::set. The
  /// trace contains the drawn numbers, unless a user-defined policy drew the first endpoint,
  /// several tiers share the load, an endpoint is warming, or (policy least_loaded) requests are in
  /// flight.
  [[nodiscard]] attempt_plan explained_plan(time_point now, std::optional<std::uint64_t> key = {});

  /// Begins an attempt of a plan and counts it as in use. Empty if the endpoint is at its limit or
  /// has left DNS. Outside the last resort, also empty if it went down meanwhile or is on trial by
  /// another request; attempt_plan::postpone moves it to the last resort. REQUIRES: a plan of this
  /// balancer, `at` < order.size().
  [[nodiscard]] std::optional<endpoint_use> try_acquire(const attempt_plan& plan, std::size_t at,
                                                        time_point now = clock::now());

  /// For callers of pick(): reports the outcome of an attempt that began at `started`. An
  /// endpoint_use has its own report(). REQUIRES, here and below: a record of this balancer, whose
  /// endpoint may have left DNS since.
  void report(endpoint_record& record, outcome_kind outcome, std::chrono::microseconds latency, time_point started,
              time_point now = clock::now());
  void report_probe(const endpoint_record& probed, bool is_good, time_point now = clock::now());

  /// Performs what is due: health, slow start, hold-down, reshuffling. O(1) if nothing is due. All
  /// functions above except pick() do so first; a program that only picks must call this function.
  void advance(time_point now = clock::now());
  /// Time at which advance() has something to do. time_point::max(): not before the next call that
  /// changes something.
  [[nodiscard]] time_point next_change() const;
  /// Forgets all that was learned about health, because the network has changed.
  void reset_health(time_point now = clock::now());

  /// Returns the endpoints of the set in its order, then those that have left and are still in use.
  /// O(n).
  [[nodiscard]] std::vector<endpoint_status> status() const;
  /// The latest endpoints from DNS. Never null.
  [[nodiscard]] std::shared_ptr<const endpoint_set> endpoints() const;

 private:
  [[nodiscard]] detail::pick_slot& slot() const noexcept { return detail::pick_slots[slot_]; }

  template <class Generator>
  [[nodiscard]] const balanced_endpoint* pick_from(detail::pick_slot& slot, Generator& random) noexcept {
    // Versions are unique in the process, so this one comparison identifies the balancer too. No
    // snapshot has version 0.
    if (slot.version != version_->load(std::memory_order_acquire)) [[unlikely]]
      return pick_refreshed(slot, random);
    return draw_from(slot, random);
  }

  template <class Generator>
  [[nodiscard]] static const balanced_endpoint* draw_from(const detail::pick_slot& slot, Generator& random) noexcept {
    return slot.first + detail::draw_from_columns(slot.columns, slot.count, random);
  }

  /// Not inlined, so that the hot path keeps no registers across a call.
  template <class Generator>
  [[gnu::noinline]] const balanced_endpoint* pick_refreshed(const detail::pick_slot& slot, Generator& random) noexcept {
    if (refresh()) return draw_from(slot, random);
    if constexpr (std::is_same_v<Generator, random_engine>) return pick_guarded(random);
    random_engine derived(random());
    return pick_guarded(derived);
  }

  /// Updates this thread's slot. Returns false if a pick needs more than its table.
  [[nodiscard]] bool refresh() const noexcept;
  [[nodiscard]] const balanced_endpoint* pick_by_key(std::uint64_t key) noexcept;
  [[nodiscard]] const balanced_endpoint* pick_guarded(random_engine& random) noexcept;

  std::shared_ptr<detail::balancer_core> core_;
  const std::atomic<std::uint64_t>* version_;  // of `core_`
  std::uint32_t slot_;
};

}  // namespace sdconnect
