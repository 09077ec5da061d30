/// \file
/// The shells of the resolver in virtual time: performs what query engine and lookup router decide,
/// as dns_client and caching_client do over Asio.
#pragma once

#include "resolver/client/suspend_detector.hpp"
#include "resolver/lookup/lookup_router.hpp"
#include "scenarios/script_network.hpp"
#include "scenarios/world.hpp"
#include "transport/engine/query_engine.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::scenario {
using namespace detail;

class client {
 public:
  struct options {
    server_registry::options servers;
    std::size_t max_in_flight = 256;
    std::chrono::milliseconds stream_idle_timeout{10000};
    resolver_options options;
    std::uint64_t seed = 1;
  };

  client(world& in, script_network& net, const options& with);

  // As caching_client. What is asked between two calls of perform() goes out with the second.
  [[nodiscard]] lookup_router& router() noexcept { return router_; }
  void look_around();
  void perform();

  /// They are noticed when it looks around, as a changed resolv.conf is.
  void change_servers(std::vector<server_set> sets) { changed_ = std::move(sets); }

  [[nodiscard]] query_engine& engine() noexcept { return engine_; }
  /// When on_time() is due next; looking around apart, for it never ends while somebody listens.
  [[nodiscard]] std::optional<world::duration> next_event() const;
  [[nodiscard]] std::optional<world::duration> next_look() const noexcept { return next_look_; }
  void on_time();
  /// So often was the network another one, or the machine asleep.
  [[nodiscard]] std::uint64_t network_changes() const noexcept { return network_changes_; }
  /// Something is being asked.
  [[nodiscard]] bool is_busy() const { return engine_.next_deadline().has_value(); }

 private:
  void send(const lookup_table::query_to_send& next);
  void cancel(lookup_table::id number);
  void after_event();

  world& world_;
  server_registry::options servers_;
  query_engine engine_;
  lookup_router router_;
  suspend_detector suspends_;
  std::optional<std::vector<server_set>> changed_;
  std::unordered_map<lookup_table::id, query_engine::handle> under_way_;
  std::vector<lookup_table::id> numbers_;  // by the slot of the query
  std::optional<world::duration> next_look_;
  bool is_resting_soon_ = false;
  std::uint64_t network_changes_ = 0;
};

}  // namespace sdconnect::scenario
