/// \file
/// Performs one connect to a service.
#pragma once

#include "connect/connector/connector_state.hpp"
#include "connect/connector/race_operation.hpp"
#include "connect/machine/connect_machine.hpp"
#include "connect/race/earlier_attempts.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect::detail {

/// Handles its events in turns of the resolver's client, which keeps the operation until it ends.
class connect_operation final : public race_operation, public view_waiter {
 public:
  connect_operation(std::shared_ptr<connector_state> state, const service_query& query,
                    std::optional<std::uint64_t> key, completion_type done);
  ~connect_operation() override;

  /// Continues a connect. Call it before start().
  void go_on_after(connection before);

  void on_view(const connect_time& now) override { process_all({event::kind::view}, now); }
  void on_close(const connect_time& now) override { process_all({event::kind::cancel}, now); }

 private:
  void handle(const event& what) override;
  [[nodiscard]] std::optional<race::step> on_view(clock::time_point now) override { return machine_->on_view(now); }
  void complete(connection& out) override;

  void process_all(const event& what, const connect_time& now);
  void process_one(const event& what);
  void begin(const connect_time& now);
  [[nodiscard]] attempt_plan draw(clock::time_point now);
  void put_in_front(connection& out);
  void let_go();

  std::shared_ptr<connector_state> state_;
  service_query query_;
  std::optional<std::uint64_t> key_;
  std::shared_ptr<connector_core> core_;
  std::shared_ptr<live_service> service_;  // this and machine_: until the operation ends
  std::optional<connect_machine> machine_;
  attempt_plan plan_;  // the first one, if it is to be reported
  // Of the earlier part of the connect, if this one continues it.
  std::vector<connect_attempt> before_;
  clock::time_point first_attempt_{};
  std::shared_ptr<const earlier_attempts> earlier_;
  connect_time now_{};
  // While a user-defined policy chooses, without the mutex, other events wait.
  bool is_processing_ = false;
  std::vector<event> waiting_;
};

}  // namespace sdconnect::detail
