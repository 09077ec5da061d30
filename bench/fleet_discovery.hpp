/// \file
/// The DNS side of one simulated client: the resolver's own view and router, driven by simulated time.
#pragma once

#include "fleet_world.hpp"
#include "resolver/live_view.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect::bench {

/// Performs what a lookup router decides, with events of the simulation in place of sockets and timers.
class fleet_discovery {
 public:
  fleet_discovery(fleet_world& world, std::uint32_t client);

  void begin();
  void on_wake();
  void on_reply(std::uint32_t query);

  /// What it sees now, when that is news.
  [[nodiscard]] std::shared_ptr<const service> take_news();

 private:
  struct pending_query {
    lookup_table::id number = 0;
    rr_type type{};
    boot_clock::time_point deadline;
    std::uint32_t repetitions = 0;
  };

  void perform();
  void send(const lookup_table::query_to_send& next);
  void sleep();

  fleet_world& world_;
  std::uint32_t client_;
  lookup_router router_;
  live_view view_;
  std::vector<pending_query> pending_;
  std::optional<boot_clock::time_point> wakes_at_;
};

}  // namespace sdconnect::bench
