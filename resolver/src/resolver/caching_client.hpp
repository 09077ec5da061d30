/// \file
/// What the copies of a resolver share: performs what a lookup table decides, over a DNS client.
#pragma once

#include "resolver/boot_timer.hpp"
#include "resolver/lookup_table.hpp"
#include "resolver/network_monitor.hpp"
#include "resolver/suspend_detector.hpp"
#include "sdconnect/transport/dns_client.hpp"
#include "sdconnect/transport/resolv_conf_tracker.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace sdconnect {

/// Whoever waits for lookups. on_lookup may ask, leave and destroy as it likes.
class lookup_user {
 public:
  virtual void on_lookup(lookup_table::id waiter, lookup answer) = 0;

 protected:
  ~lookup_user() = default;
};

/// Whoever wants to know that everything may have changed: other name servers, another network, or a machine that
/// slept.
class renewal_listener {
 public:
  virtual void on_renewal(boot_clock::time_point now, std::uint32_t random) = 0;

 protected:
  ~renewal_listener() = default;
};

/// The last copy of the resolver, and the last operation of it, end all queries under way. Thread safety as
/// dns_client.
class caching_client : public std::enable_shared_from_this<caching_client> {
 public:
  /// With a tracker it follows resolv.conf: the client is made from it already.
  caching_client(dns_client client, const resolver_options& options, std::optional<resolv_conf_tracker> conf);
  ~caching_client();
  caching_client(const caching_client&) = delete;
  caching_client& operator=(const caching_client&) = delete;

  [[nodiscard]] dns_client::executor_type get_executor() const noexcept { return client_.get_executor(); }

  /// For asking and leaving; perform() has to follow.
  [[nodiscard]] lookup_table& table() noexcept { return table_; }
  [[nodiscard]] const lookup_table& table() const noexcept { return table_; }
  [[nodiscard]] resolver_statistics statistics() const noexcept;
  /// The answer to `waiter` goes to `user`, unless that is gone.
  void route(lookup_table::id waiter, std::weak_ptr<lookup_user> user) { users_[waiter] = std::move(user); }
  void forget(lookup_table::id waiter) { users_.erase(waiter); }
  /// To be called before asking anew. A changed resolv.conf, other addresses, or a machine that slept, renew the table
  /// (its rule 11).
  void look_around();
  /// While there are listeners it looks around every 2 s.
  void listen(std::weak_ptr<renewal_listener> listener);
  void stop_listening(const renewal_listener& listener);
  /// Sends, cancels, delivers and sets the timer. Calls on_lookup, which may call it again.
  void perform();

 private:
  void send(const lookup_table::query_to_send& next);
  void cancel(lookup_table::id query);
  [[nodiscard]] dns_client::clock::time_point steady_time_of(boot_clock::time_point when);
  void wait_until(boot_clock::time_point when);
  void renew();
  void wait_for_next_look();

  dns_client client_;
  std::optional<resolv_conf_tracker> conf_;
  suspend_detector suspends_;
  network_monitor network_;
  std::uint64_t network_changes_ = 0;
  std::function<void(dns_client_options&)> adapt_;
  std::function<std::uint32_t()> random_;
  lookup_table table_;
  boot_timer timer_;
  std::unordered_map<lookup_table::id, std::weak_ptr<lookup_user>> users_;
  // Owned by the queries' handlers: a loop that is destroyed takes them along.
  std::unordered_map<lookup_table::id, std::weak_ptr<boost::asio::cancellation_signal>> under_way_;
  bool is_performing_ = false;
  boot_clock::duration ahead_{};  // the boot clock of the steady one
  std::vector<std::weak_ptr<renewal_listener>> listeners_;
  boot_timer look_timer_;
};

}  // namespace sdconnect
