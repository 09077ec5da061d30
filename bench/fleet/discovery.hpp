/// \file
/// One simulated client: the product's own connector and router, driven by simulated time.
#pragma once

#include "bench/fleet/world.hpp"
#include "connect/machine/connector_core.hpp"
#include "resolver/lookup/lookup_router.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect::bench {
using namespace sdconnect::detail;

/// Performs the decisions of router and connector with simulation events instead of sockets and
/// timers.
class fleet_discovery {
 public:
  fleet_discovery(fleet_world& world, std::uint32_t client);

  void begin();
  void on_wake();
  void on_reply(std::uint32_t query);

  /// Performs the queries and updates since the last call. Call it after every event and after
  /// every use of service().
  void perform();

  /// Valid after begin().
  [[nodiscard]] const std::shared_ptr<live_service>& service() const noexcept { return service_; }
  [[nodiscard]] connector_core& core() noexcept { return core_; }
  [[nodiscard]] connect_time now() const noexcept { return {world_.boot_now(), world_.now}; }

 private:
  struct pending_query {
    lookup_table::id number = 0;
    rr_type type{};
    boot_clock::time_point deadline;
    std::uint32_t repetitions = 0;
  };

  void send(const lookup_table::query_to_send& next);
  void sleep();

  fleet_world& world_;
  std::uint32_t client_;
  lookup_router router_;
  connector_core core_;
  std::shared_ptr<live_service> service_;
  bool has_news_ = false;
  std::vector<pending_query> pending_;
  std::optional<boot_clock::time_point> wakes_at_;
};

}  // namespace sdconnect::bench
