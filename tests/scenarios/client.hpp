/// \file
/// The shells of the resolver in virtual time: performs what query engine and lookup table decide, as dns_client and
/// caching_client do over Asio.
#pragma once

#include "resolver/lookup_table.hpp"
#include "resolver/suspend_detector.hpp"
#include "scenarios/script_network.hpp"
#include "scenarios/world.hpp"
#include "transport/query_engine.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::scenario {

class lookup_user {
 public:
  virtual void on_lookup(lookup_table::id waiter, lookup answer) = 0;
  virtual void on_renewal(boot_clock::time_point, std::uint32_t) {}

 protected:
  ~lookup_user() = default;
};

class client {
 public:
  struct settings {
    server_table::settings servers;
    std::size_t max_in_flight = 256;
    std::chrono::milliseconds stream_idle_timeout{10000};
    resolver_options options;
    std::uint64_t seed = 1;
  };

  client(world& in, script_network& net, const settings& with);

  // As caching_client.
  [[nodiscard]] lookup_table& table() noexcept { return table_; }
  void route(lookup_table::id waiter, std::weak_ptr<lookup_user> user) { users_[waiter] = std::move(user); }
  void forget(lookup_table::id waiter) { users_.erase(waiter); }
  void look_around();
  void listen(std::weak_ptr<lookup_user> listener);
  void perform();

  /// They are noticed when it looks around, as a changed resolv.conf is.
  void change_servers(std::vector<server_set> sets) { changed_ = std::move(sets); }

  [[nodiscard]] query_engine& engine() noexcept { return engine_; }
  /// When on_time() is due next; looking around apart, for it never ends while somebody listens.
  [[nodiscard]] std::optional<world::duration> next_event() const;
  [[nodiscard]] std::optional<world::duration> next_look() const noexcept { return next_look_; }
  void on_time();

 private:
  void send(const lookup_table::query_to_send& next);
  void cancel(lookup_table::id number);
  void after_event();
  void renew();
  void look_as_listener();

  world& world_;
  server_table::settings servers_;
  query_engine engine_;
  lookup_table table_;
  suspend_detector suspends_;
  std::function<std::uint32_t()> random_;
  std::optional<std::vector<server_set>> changed_;
  std::unordered_map<lookup_table::id, std::weak_ptr<lookup_user>> users_;
  std::unordered_map<lookup_table::id, query_engine::handle> under_way_;
  std::vector<lookup_table::id> numbers_;  // by the slot of the query
  std::vector<std::weak_ptr<lookup_user>> listeners_;
  std::optional<world::duration> next_look_;
  bool is_performing_ = false;
  bool is_resting_soon_ = false;
};

}  // namespace sdconnect::scenario
