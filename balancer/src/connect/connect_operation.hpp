/// \file
/// Performs one connect to a service.
#pragma once

#include "connect/connect_machine.hpp"
#include "connect/connector_state.hpp"
#include "connect/race_operation.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect {

/// Its events happen in turns of the resolver's client, which keeps it until it ends.
class connect_operation final : public race_operation, public view_waiter {
 public:
  connect_operation(std::shared_ptr<connector_state> state, const service_query& query,
                    std::optional<std::uint64_t> key, completion_type done);

  void on_view(const connect_time& now) override;

 private:
  void handle(const event& what) override;
  void process_all(const event& what, const connect_time& now);
  void begin(const connect_time& now);
  void complete(connection& out) override;
  [[nodiscard]] attempt_plan draw(std::chrono::steady_clock::time_point now);

  std::shared_ptr<connector_state> state_;
  service_query query_;
  std::optional<std::uint64_t> key_;
  std::shared_ptr<live_service> service_;
  std::optional<connect_machine> machine_;
  connect_time now_{};
  // While a policy of the user's chooses, without the mutex, other events wait.
  bool is_processing_ = false;
  std::vector<event> waiting_;
};

}  // namespace sdconnect
