/// \file
/// A service that a connector keeps: what DNS says of it, how its endpoints are doing, and who is
/// connecting to it. No sockets, no clock.
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

/// DNS goes by the clock that runs on while the machine sleeps, connecting by the one that does
/// not.
struct connect_time {
  boot_clock::time_point boot;
  std::chrono::steady_clock::time_point steady;

  /// The other clock's time of a moment that is at most a connect away.
  [[nodiscard]] boot_clock::time_point boot_of(std::chrono::steady_clock::time_point when) const noexcept;
  [[nodiscard]] std::chrono::steady_clock::time_point steady_of(boot_clock::time_point when) const noexcept;
};

/// Somebody who is connecting. May leave, and be destroyed, inside its call.
class view_waiter {
 public:
  virtual void on_view(const connect_time& now) = 0;
  /// The connector is closed.
  virtual void on_close(const connect_time& now) = 0;

 protected:
  ~view_waiter() = default;
};

/// Not thread safe, but for the balancer.
class live_service {
 public:
  /// `router` outlives it. `on_news`: take_news() and tell() have something to do; not inside a
  /// call of this.
  live_service(lookup_router& router, const service_query& query, const balancer_options& balancing,
               const view_options& viewing, std::chrono::steady_clock::time_point now, std::function<void()> on_news);

  /// For whoever wants to pick: outlives this.
  [[nodiscard]] const std::shared_ptr<service_memory>& memory() const noexcept { return memory_; }
  [[nodiscard]] live_view& view() noexcept { return view_; }
  [[nodiscard]] const live_view& view() const noexcept { return view_; }

  /// The balancer's set is that of the view now. Cheap when it was.
  void take_news(std::chrono::steady_clock::time_point now);
  /// Every waiter.
  void tell(void (view_waiter::*what)(const connect_time&), const connect_time& now);

  void add(view_waiter& who) { waiters_.push_back(&who); }
  /// With the last one, nothing more is asked for the sake of a first connect.
  void remove(view_waiter& who, boot_clock::time_point now);
  [[nodiscard]] bool is_waited_for() const noexcept { return !waiters_.empty(); }

 private:
  std::shared_ptr<service_memory> memory_;
  live_view view_;
  std::uint64_t taken_version_ = 0;
  std::vector<view_waiter*> waiters_;
};

}  // namespace sdconnect::detail
