/// \file
/// State shared by the copies of a resolver: performs the decisions of a lookup router with a DNS
/// client.
#pragma once

#include "net/io/context_bound.hpp"
#include "resolver/client/boot_timer.hpp"
#include "resolver/client/network_monitor.hpp"
#include "resolver/client/suspend_detector.hpp"
#include "resolver/lookup/lookup_router.hpp"
#include "sdconnect/transport/dns_client.hpp"
#include "sdconnect/transport/resolv_conf_tracker.hpp"
#include "transport/engine/query_engine.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// Thread safe. One mutex protects the router and all its users. A turn holds it, and no user code
/// runs in a turn. After the shutdown of its context the client performs nothing.
class caching_client final : public context_bound, public std::enable_shared_from_this<caching_client> {
 public:
  /// With a tracker it follows resolv.conf; `client` must already be made from the tracker.
  [[nodiscard]] static std::shared_ptr<caching_client> make(dns_client client, const resolver_options& options,
                                                            std::optional<resolv_conf_tracker> conf);
  ~caching_client();

  [[nodiscard]] dns_client::executor_type get_executor() const noexcept { return client_.get_executor(); }

  /// Holds the mutex. Its destructor performs the router's decisions, and then, without the mutex,
  /// destroys the released operations. A thread must not begin a turn within another one.
  class turn {
   public:
    explicit turn(std::shared_ptr<caching_client> of);
    ~turn();
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

    [[nodiscard]] lookup_router& router() noexcept { return of_->router_; }
    [[nodiscard]] boot_clock::time_point now() const noexcept { return now_; }

   private:
    friend class caching_client;

    std::shared_ptr<caching_client> of_;
    std::vector<std::shared_ptr<void>> released_;
    std::unique_lock<std::mutex> lock_;
    boot_clock::time_point now_;
  };

  /// In a turn: keeps an operation alive until it is released.
  void keep(std::shared_ptr<void> operation) { kept_.emplace(operation.get(), std::move(operation)); }
  void release(const void* operation);
  /// In a turn: runs user code without the mutex, while other turns may begin and end.
  template <class Function>
  void without_lock(Function&& call) {
    turn& mine = *turn_;
    mine.lock_.unlock();
    call();
    mine.lock_.lock();
    turn_ = &mine;
  }
  [[nodiscard]] std::uint64_t network_changes() const noexcept { return network_changes_; }

  // Outside a turn.
  /// Call this before asking. If resolv.conf or the host's addresses changed, or the machine was
  /// suspended, it renews what is known (lookup_table, rule 11).
  void look_around();
  [[nodiscard]] resolver_statistics statistics();
  void clear();

 private:
  caching_client(dns_client client, const resolver_options& options, std::optional<resolv_conf_tracker> conf);

  void on_context_shutdown() noexcept override;
  void perform(boot_clock::time_point now);
  void send(const lookup_table::query_to_send& next);
  void cancel(lookup_table::id query);
  void on_timer();
  void wait_until(std::optional<boot_clock::time_point> when);
  [[nodiscard]] dns_client::clock::time_point steady_time_of(boot_clock::time_point when);

  dns_client client_;

  // For look_around(), which reads files and may call a user's function.
  std::atomic_flag is_looking_;
  std::optional<resolv_conf_tracker> conf_;
  suspend_detector suspends_;
  network_monitor network_;
  std::function<void(dns_client_options&)> adapt_;

  std::mutex mutex_;  // protects the following members
  lookup_router router_;
  std::uint64_t network_changes_ = 0;
  std::unordered_map<const void*, std::shared_ptr<void>> kept_;
  std::vector<std::shared_ptr<void>> released_;
  turn* turn_ = nullptr;  // the turn that holds the mutex
  std::unordered_map<lookup_table::id, query_engine::handle> under_way_;
  boot_clock::duration ahead_{};                 // boot clock minus steady clock
  std::optional<boot_timer> timer_;              // empty after the context's shutdown
  std::optional<boot_clock::time_point> armed_;  // when the timer expires
  std::optional<boot_clock::time_point> next_look_;
};

}  // namespace sdconnect::detail
