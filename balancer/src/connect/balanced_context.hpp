/// \file
/// A race among the endpoints of a service that is kept: health and limits decide, and learn.
#pragma once

#include "connect/connector_state.hpp"
#include "connect/race_context.hpp"
#include "sdconnect/balancer/balancer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect {

class balanced_context final : public race_context {
 public:
  /// The race's order is that of `plan`.
  balanced_context(std::shared_ptr<connector_state> state, std::shared_ptr<served_service> service, attempt_plan plan);
  ~balanced_context() override;

  [[nodiscard]] bool may_use(std::size_t endpoint, bool as_last_resort, time_point now) override;
  [[nodiscard]] bool has_left(std::size_t endpoint) const override;
  [[nodiscard]] bool take_retry(time_point now) override;
  [[nodiscard]] std::optional<time_point> take_turn(time_point now, time_point latest) override;
  void on_address(const race_candidate& candidate, outcome_kind outcome, time_point now) override;
  void on_endpoint(std::size_t endpoint, outcome_kind outcome, std::chrono::microseconds elapsed,
                   time_point now) override;
  [[nodiscard]] std::optional<lease> take_lease(std::size_t endpoint) override;

 private:
  void forget_attempt(std::size_t endpoint);

  std::shared_ptr<connector_state> state_;
  std::shared_ptr<served_service> service_;
  const std::vector<std::uint32_t> order_;  // the plan's, before anything was postponed
  attempt_plan plan_;
  std::map<std::size_t, lease> leases_;           // by endpoint
  std::map<std::size_t, time_point> unanswered_;  // by endpoint: when it is silent
};

}  // namespace sdconnect
