/// \file
/// Delivers every answer of a lookup table to the user that asked, and combines all their times
/// into one. Uses no sockets, no clock and no entropy.
#pragma once

#include "resolver/lookup/carried_terms.hpp"
#include "resolver/lookup/lookup_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// Asks through a router. Inside its functions it may ask, leave and be destroyed; before its
/// destruction it must call lookup_router::forget.
class lookup_user {
 public:
  using time_point = boot_clock::time_point;

  virtual void on_lookup(lookup_table::id waiter, lookup answer, time_point now) = 0;
  /// Called at the time given to lookup_router::wake_at.
  virtual void on_time(time_point now) = 0;
  /// Called for listeners: the name servers or the network have changed, or the machine was
  /// suspended. Known data may be out of date. `random`: to spread the questions asked then.
  virtual void on_renewal(time_point /*now*/, std::uint32_t /*random*/) {}

 protected:
  ~lookup_user() = default;
};

/// The owner of a router passes events on. After each event, and after anything else that may have
/// asked a question, it performs what take_actions() returns until nothing is left. It calls
/// on_time() at next_event().
class lookup_router {
 public:
  using time_point = lookup_table::time_point;
  using id = lookup_table::id;
  using mode = lookup_table::mode;

  /// `random`: jitter of refresh times and back-off.
  lookup_router(const resolver_options& options, std::function<std::uint32_t()> random)
      : random_(std::move(random)), table_(options, random_) {}
  lookup_router(const lookup_router&) = delete;
  lookup_router& operator=(const lookup_router&) = delete;

  // For users.
  [[nodiscard]] lookup_table::asked ask(const question& q, time_point deadline, mode how, lookup_user& who,
                                        time_point now);
  void prolong(id waiter, time_point deadline) { table_.prolong(waiter, deadline); }
  void leave(id waiter);
  /// nullopt: no wake-up. Replaces the previous time.
  void wake_at(lookup_user& who, std::optional<time_point> when);
  /// Subscribes `who` to renewals. With `is_watching` the owner looks for them from time to time;
  /// otherwise only when a user asks.
  void listen(lookup_user& who, bool is_watching);
  void forget(lookup_user& who);
  [[nodiscard]] std::chrono::milliseconds patience(time_point now) const noexcept { return table_.patience(now); }
  [[nodiscard]] std::uint32_t random() { return random_(); }
  [[nodiscard]] carried_terms& terms() noexcept { return terms_; }
  /// `options no-aaaa` of resolv.conf (FAULTS O13): do not ask for IPv6 addresses.
  [[nodiscard]] bool is_without_aaaa() const noexcept { return is_without_aaaa_; }

  // Events.
  void on_result(id query, query_result result, time_point now) { table_.on_result(query, std::move(result), now); }
  void on_time(time_point now);
  void renew(time_point now);
  void set_without_aaaa(bool value) noexcept { is_without_aaaa_ = value; }
  /// Discards everything known: views ask again before they are used.
  void clear(time_point now);

  struct actions {
    std::vector<lookup_table::query_to_send> send;
    std::vector<id> cancel;  ///< queries; possibly some of those to send
  };
  /// First delivers every answer, which may cause more questions. Returns nothing inside a call to
  /// a user: the outer call continues.
  [[nodiscard]] actions take_actions(time_point now);
  /// nullopt: only results to wait for.
  [[nodiscard]] std::optional<time_point> next_event() const;
  [[nodiscard]] bool has_watchers() const noexcept { return watchers_ > 0; }

  [[nodiscard]] const resolver_statistics& statistics() const noexcept { return table_.statistics(); }

 private:
  void tell_listeners(time_point now);

  std::function<std::uint32_t()> random_;
  lookup_table table_;
  bool is_without_aaaa_ = false;
  carried_terms terms_;
  std::unordered_map<id, lookup_user*> waiting_;
  // Times that are equal are in the order of the calls, so that equal runs give equal results.
  using wake = std::pair<time_point, std::uint64_t>;
  std::map<wake, lookup_user*> wakes_;
  std::unordered_map<lookup_user*, wake> wake_of_;
  std::uint64_t last_wake_ = 0;
  struct listener {
    std::uint64_t order;
    bool is_watching;
  };
  std::unordered_map<lookup_user*, listener> listeners_;
  std::uint64_t last_listener_ = 0;
  std::size_t watchers_ = 0;  // number of listeners that watch
  bool is_delivering_ = false;
};

}  // namespace sdconnect::detail
