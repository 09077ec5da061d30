/// \file
/// One simulated request: the connector's own race over a plan of the balancer, with attempts that only take time.
#pragma once

#include "connect/race.hpp"
#include "fleet_world.hpp"
#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/balancer/retry_budget.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace sdconnect::bench {

/// Stands still while it holds a request, for the race refers to it. Used again and again, to spare allocations.
class fleet_request final : race_context {
 public:
  struct owner {
    balancer& endpoints;
    retry_budget& budget;
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
  bool may_use(std::size_t endpoint, bool as_last_resort, time_point now) override;
  bool take_retry(time_point now) override { return budget_->try_retry(now); }
  void on_endpoint(std::size_t endpoint, outcome_kind outcome, std::chrono::microseconds elapsed,
                   time_point now) override;

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
  balancer* endpoints_ = nullptr;
  retry_budget* budget_ = nullptr;
  attempt_plan plan_;
  std::vector<std::uint32_t> order_;  // of the plan before anything was postponed
  std::optional<race> race_;
  std::vector<std::pair<std::size_t, lease>> leases_;  // by endpoint of the race
  std::vector<awaited> awaited_;
  sim_time started_, wakes_at_;
  std::uint32_t client_ = 0, slot_ = 0, generation_ = 0, attempts_ = 0;
  bool is_over_ = true;
  bool breaks_ = false;  // the connection, at the end of its use
};

}  // namespace sdconnect::bench
