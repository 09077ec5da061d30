/// \file
/// One simulated request: the connector's own connect, with attempts that only take time.
#pragma once

#include "bench/fleet/discovery.hpp"
#include "bench/fleet/world.hpp"
#include "connect/machine/connect_machine.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect::bench {
using namespace sdconnect::detail;

/// Must not move in memory. Reused, to save allocations.
class fleet_request final : public view_waiter {
 public:
  struct owner {
    fleet_discovery& client;
    std::vector<std::uint32_t>& free_slots;  ///< gets the slot back when the request ends
    std::uint32_t number;                    ///< number of the client
  };

  /// The events of this request carry `slot`.
  void begin(fleet_world& world, const owner& of, std::uint32_t slot);
  void on_answer(std::uint32_t candidate);
  void on_timer();
  /// Releases the connection.
  void end();

  void on_view(const connect_time& now) override { perform(machine_->on_view(now.steady)); }
  void on_close(const connect_time&) override {}

  [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
  [[nodiscard]] bool is_over() const noexcept { return is_over_; }

 private:
  void perform(const race::step& next);
  void start(std::size_t candidate);
  void finish();
  [[nodiscard]] std::size_t backend_of(std::size_t candidate) const;
  void leave();

  /// An attempt whose answer is pending.
  struct awaited {
    std::size_t candidate = 0;
    sim_time at;
    error_code result;
  };

  fleet_world* world_ = nullptr;
  fleet_discovery* client_ = nullptr;
  std::vector<std::uint32_t>* free_slots_ = nullptr;
  std::optional<connect_machine> machine_;
  std::optional<endpoint_use> held_;
  std::vector<awaited> awaited_;
  sim_time started_, wakes_at_;
  std::uint32_t number_ = 0, slot_ = 0, generation_ = 0, attempts_ = 0;
  bool is_over_ = true;
  bool breaks_ = false;  // the connection breaks at the end of its use
};

}  // namespace sdconnect::bench
