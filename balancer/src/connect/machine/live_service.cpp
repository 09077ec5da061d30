#include "connect/machine/live_service.hpp"

#include "net/base/saturating.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {

boot_clock::time_point connect_time::boot_of(std::chrono::steady_clock::time_point when) const noexcept {
  return later(boot, time_between(steady, when));
}

std::chrono::steady_clock::time_point connect_time::steady_of(boot_clock::time_point when) const noexcept {
  return later(steady, time_between(boot, when));
}

live_service::live_service(lookup_router& router, const service_query& query, const balancer_options& balancing,
                           const view_options& viewing, std::chrono::steady_clock::time_point now,
                           std::function<void()> on_news)
    : memory_(std::make_shared<service_memory>(balancing, now)),
      view_(router, query, viewing, [told = std::move(on_news)](boot_clock::time_point) { told(); }) {}

void live_service::take_news(std::chrono::steady_clock::time_point now) {
  if (std::exchange(taken_version_, view_.version()) == view_.version()) return;
  const std::shared_ptr<const service>& view = view_.view();
  memory_->take(std::shared_ptr<const std::vector<endpoint>>(view, &view->endpoints), now);
}

void live_service::tell(void (view_waiter::*what)(const connect_time&), const connect_time& now) {
  for (view_waiter* const who : std::vector(waiters_)) {
    if (std::ranges::find(waiters_, who) != waiters_.end()) (who->*what)(now);
  }
}

void live_service::remove(view_waiter& who, boot_clock::time_point now) {
  std::erase(waiters_, &who);
  if (waiters_.empty()) view_.release(now);
}

}  // namespace sdconnect::detail
