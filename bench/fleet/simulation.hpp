/// \file
/// A fleet of clients in simulated time.
#pragma once

#include "bench/fleet/discovery.hpp"
#include "bench/fleet/request.hpp"
#include "bench/fleet/world.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace sdconnect::bench {

/// The same settings and changes give the same run.
class fleet_simulation {
 public:
  explicit fleet_simulation(const fleet_settings& settings);

  [[nodiscard]] fleet_world& world() noexcept { return world_; }
  [[nodiscard]] const fleet_meters& meters() const noexcept { return world_.meters; }

  /// Schedules a change of the world at `after` from its start.
  void at(sim_duration after, std::function<void(fleet_world&)> change);
  void run_until(sim_duration after);

 private:
  struct client {
    client(fleet_world& world, std::uint32_t number) : discovery(world, number) {}

    fleet_discovery discovery;
    bool has_endpoints = false;
  };

  void perform(const fleet_event& event);
  void look_for_endpoints(client& of, std::uint32_t number);
  void begin_request(std::uint32_t client);
  void perform_request(const fleet_event& event);

  fleet_world world_;
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<std::uint32_t> free_requests_;
  std::deque<fleet_request> requests_;
  std::vector<std::function<void(fleet_world&)>> changes_;
};

}  // namespace sdconnect::bench
