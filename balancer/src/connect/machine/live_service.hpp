/// \file
/// A service that a connector keeps: what DNS says of it, the health of its endpoints, and the
/// connects under way. No sockets, no clock.
#pragma once

#include "connect/race/service_memory.hpp"
#include "resolver/view/live_view.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace sdconnect::detail {

/// DNS uses the clock that continues while the machine is suspended, connecting the one that stops.
struct connect_time {
  boot_clock::time_point boot;
  std::chrono::steady_clock::time_point steady;

  /// Converts a time to the other clock. The time must be at most one connect away.
  [[nodiscard]] boot_clock::time_point boot_of(std::chrono::steady_clock::time_point when) const noexcept;
  [[nodiscard]] std::chrono::steady_clock::time_point steady_of(boot_clock::time_point when) const noexcept;
};

/// A connect under way. It may remove itself, and be destroyed, inside these calls.
class view_waiter {
 public:
  virtual void on_view(const connect_time& now) = 0;
  /// The connector was closed.
  virtual void on_close(const connect_time& now) = 0;

 protected:
  ~view_waiter() = default;
};

/// Not thread safe, except for the balancer.
class live_service {
 public:
  /// `router` must outlive it. Calls `on_news` when take_news() and tell() have something to do,
  /// but not inside a call of this object.
  live_service(lookup_router& router, const service_query& query, const balancer_options& balancing,
               const view_options& viewing, std::chrono::steady_clock::time_point now, std::function<void()> on_news);

  /// For callers that pick endpoints themselves; may outlive this object.
  [[nodiscard]] const std::shared_ptr<service_memory>& memory() const noexcept { return memory_; }
  [[nodiscard]] live_view& view() noexcept { return view_; }
  [[nodiscard]] const live_view& view() const noexcept { return view_; }

  /// Updates the balancer's set to the current view. Cheap if it is up to date.
  void take_news(std::chrono::steady_clock::time_point now);
  /// Calls `what` on every waiter.
  void tell(void (view_waiter::*what)(const connect_time&), const connect_time& now);

  void add(view_waiter& who) { waiters_.push_back(&who); }
  /// After the last waiter has left, no more is queried for the sake of a first connect.
  void remove(view_waiter& who, boot_clock::time_point now);
  [[nodiscard]] bool is_waited_for() const noexcept { return !waiters_.empty(); }

 private:
  std::shared_ptr<service_memory> memory_;
  live_view view_;
  std::uint64_t taken_version_ = 0;
  std::vector<view_waiter*> waiters_;
};

}  // namespace sdconnect::detail
