/// \file
/// The resolver's I/O layer in virtual time: performs the decisions of query engine and lookup
/// router, as dns_client and caching_client do over Asio.
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
using namespace sdconnect::detail;

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

  // Like caching_client. The next perform() sends the queries that were asked since the last one.
  [[nodiscard]] lookup_router& router() noexcept { return router_; }
  void look_around();
  void perform();

  /// The client notices the new servers at its next look_around(), like a changed resolv.conf.
  void change_servers(std::vector<server_set> sets) { changed_ = std::move(sets); }

  [[nodiscard]] query_engine& engine() noexcept { return engine_; }
  /// Next time at which on_time() is due, without look_around(), which repeats forever while a
  /// watcher exists.
  [[nodiscard]] std::optional<world::duration> next_event() const;
  [[nodiscard]] std::optional<world::duration> next_look() const noexcept { return next_look_; }
  void on_time();
  /// How often the network has changed or the machine has slept.
  [[nodiscard]] std::uint64_t network_changes() const noexcept { return network_changes_; }
  /// Whether a query is in progress.
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
  std::vector<lookup_table::id> numbers_;  // indexed by the slot of the query
  std::optional<world::duration> next_look_;
  bool is_resting_soon_ = false;
  std::uint64_t network_changes_ = 0;
};

}  // namespace sdconnect::scenario
