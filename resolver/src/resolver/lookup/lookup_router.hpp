/// \file
/// Leads every answer of a lookup table to whoever asked, and keeps one time for all of them. No
/// sockets, no clock, no entropy.
#pragma once

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

/// Asks through a router. May ask, leave, and be destroyed inside its calls; must tell the router
/// before it is gone (lookup_router::forget).
class lookup_user {
 public:
  using time_point = boot_clock::time_point;

  virtual void on_lookup(lookup_table::id waiter, lookup answer, time_point now) = 0;
  /// At the time given to lookup_router::wake_at.
  virtual void on_time(time_point now) = 0;
  /// Of those who listen: other name servers, another network, or a machine that slept. What is
  /// known may no longer be so. `random`: to spread what is asked then.
  virtual void on_renewal(time_point /*now*/, std::uint32_t /*random*/) {}

 protected:
  ~lookup_user() = default;
};

/// Whoever performs it passes events on, and after each of them, and after whatever else may have
/// asked, does what take_actions() says, until nothing is left; calls on_time() at next_event().
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
  /// nullopt: not at all. Replaces what was said before.
  void wake_at(lookup_user& who, std::optional<time_point> when);
  /// Renewals are told. With `is_watching` they are looked for now and then; otherwise when
  /// somebody asks.
  void listen(lookup_user& who, bool is_watching);
  void forget(lookup_user& who);
  [[nodiscard]] std::chrono::milliseconds patience(time_point now) const noexcept { return table_.patience(now); }
  [[nodiscard]] std::uint32_t random() { return random_(); }

  // Events.
  void on_result(id query, query_result result, time_point now) { table_.on_result(query, std::move(result), now); }
  void on_time(time_point now);
  void renew(time_point now);
  /// Nothing that is known counts any more: views ask anew before they are used again.
  void clear(time_point now);

  struct actions {
    std::vector<lookup_table::query_to_send> send;
    std::vector<id> cancel;  ///< queries; perhaps of those to send
  };
  /// Delivers every answer first, which may lead to more. Nothing inside a call of a user: who
  /// called that one goes on.
  [[nodiscard]] actions take_actions(time_point now);
  /// nullopt: nothing to wait for but results.
  [[nodiscard]] std::optional<time_point> next_event() const;
  [[nodiscard]] bool has_watchers() const noexcept { return watchers_ > 0; }

  [[nodiscard]] const resolver_statistics& statistics() const noexcept { return table_.statistics(); }

 private:
  void tell_listeners(time_point now);

  std::function<std::uint32_t()> random_;
  lookup_table table_;
  std::unordered_map<id, lookup_user*> waiting_;
  // In the order of the calls where times are equal, so that equal runs are equal.
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
  std::size_t watchers_ = 0;  // of these
  bool is_delivering_ = false;
};

}  // namespace sdconnect::detail
