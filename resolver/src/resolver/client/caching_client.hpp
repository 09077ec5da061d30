/// \file
/// What the copies of a resolver share: performs what a lookup router decides, over a DNS client.
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

/// Thread safe. One mutex guards the router and everybody who asks through it; it is held in a
/// turn, in which no code of a caller's runs. After the shutdown of its context nothing is
/// performed any more.
class caching_client final : public context_bound, public std::enable_shared_from_this<caching_client> {
 public:
  /// With a tracker it follows resolv.conf: the client is made from it already.
  [[nodiscard]] static std::shared_ptr<caching_client> make(dns_client client, const resolver_options& options,
                                                            std::optional<resolv_conf_tracker> conf);
  ~caching_client();

  [[nodiscard]] dns_client::executor_type get_executor() const noexcept { return client_.get_executor(); }

  /// Holds the mutex. At its end what the router decided is performed, and only then, without the
  /// mutex, what was released is destroyed. Not within another turn of the same thread.
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

  /// In a turn: an operation that lives until it is released.
  void keep(std::shared_ptr<void> operation) { kept_.emplace(operation.get(), std::move(operation)); }
  void release(const void* operation);
  /// In a turn: calls code of a user's, while other turns may come and go.
  template <class Function>
  void without_lock(Function&& call) {
    turn& mine = *turn_;
    mine.lock_.unlock();
    call();
    mine.lock_.lock();
    turn_ = &mine;
  }
  [[nodiscard]] std::uint64_t network_changes() const noexcept { return network_changes_; }

  // Out of turn.
  /// To be called before asking. A changed resolv.conf, other addresses, or a machine that slept,
  /// renew what is known (lookup_table, rule 11).
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

  // Of looking around, which reads files and may call a function of the user's.
  std::atomic_flag is_looking_;
  std::optional<resolv_conf_tracker> conf_;
  suspend_detector suspends_;
  network_monitor network_;
  std::function<void(dns_client_options&)> adapt_;

  std::mutex mutex_;  // guards what follows
  lookup_router router_;
  std::uint64_t network_changes_ = 0;
  std::unordered_map<const void*, std::shared_ptr<void>> kept_;
  std::vector<std::shared_ptr<void>> released_;
  turn* turn_ = nullptr;  // the one that holds the mutex
  std::unordered_map<lookup_table::id, query_engine::handle> under_way_;
  boot_clock::duration ahead_{};                 // the boot clock of the steady one
  std::optional<boot_timer> timer_;              // none after the context's shutdown
  std::optional<boot_clock::time_point> armed_;  // when the timer goes off
  std::optional<boot_clock::time_point> next_look_;
};

}  // namespace sdconnect::detail
