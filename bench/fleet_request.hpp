/// \file
/// One simulated request: the connector's own connect, with attempts that only take time.
#pragma once

#include "connect/balanced_race.hpp"
#include "fleet_world.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect::bench {

/// Stands still. Used again and again, to spare allocations.
class fleet_request {
 public:
  struct owner {
    const std::shared_ptr<service_memory>& known;
    connect_limits& limits;
    std::uint32_t client;
  };

  /// `slot` comes back with its events.
  void begin(fleet_world& world, const owner& of, std::uint32_t slot);
  void on_answer(std::uint32_t candidate);
  void on_timer();
  /// Lets go of the connection.
  void end();

  [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
  [[nodiscard]] bool is_over() const noexcept { return is_over_; }

 private:
  void perform(const race::step& next);
  void start(std::size_t candidate);
  void finish();
  [[nodiscard]] std::size_t backend_of(std::size_t candidate) const;

  /// Whose answer is on its way.
  struct awaited {
    std::size_t candidate = 0;
    sim_time at;
    error_code result;
  };

  fleet_world* world_ = nullptr;
  std::optional<balanced_race> race_;
  std::optional<lease> held_;
  std::vector<awaited> awaited_;
  sim_time started_, wakes_at_;
  std::uint32_t client_ = 0, slot_ = 0, generation_ = 0, attempts_ = 0;
  bool is_over_ = true;
  bool breaks_ = false;  // the connection, at the end of its use
};

}  // namespace sdconnect::bench
