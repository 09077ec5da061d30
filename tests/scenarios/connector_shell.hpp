/// \file
/// The connector's I/O layer in virtual time: performs the decisions of connector_core and
/// connect_machine, as connector_state and connect_operation do over Asio.
#pragma once

#include "connect/machine/connect_machine.hpp"
#include "connect/machine/connector_core.hpp"
#include "scenarios/backends.hpp"
#include "scenarios/client.hpp"
#include "scenarios/world.hpp"
#include "sdconnect/connect/connect_options.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace sdconnect::scenario {
using namespace sdconnect::detail;

class one_connect;

class connector_shell {
 public:
  connector_shell(world& in, client& with, backends& to, const connector_options& options, std::uint64_t seed);

  [[nodiscard]] connect_time now() const { return {world_.boot(), world_.steady()}; }
  [[nodiscard]] std::optional<world::duration> next_event() const;
  void on_time();

 private:
  friend class one_connect;
  using wake = std::pair<world::steady_time, std::uint64_t>;

  void schedule_news();

  world& world_;
  client& client_;
  backends& backends_;
  connector_core core_;
  bool is_news_scheduled_ = false;
  std::map<wake, one_connect*> wakes_;
  std::uint64_t last_wake_ = 0;
};

/// The result of one connect.
struct connect_result {
  world::duration began{};
  world::duration ended{};
  std::optional<world::duration> first_attempt;  ///< time of the first attempt
  connect_conclusion seen;                       ///< without the endpoint_use
};

class one_connect final : public view_waiter, public std::enable_shared_from_this<one_connect> {
 public:
  using listener = std::function<void(connect_result)>;

  one_connect(connector_shell& shell, const service_query& query, listener done);
  ~one_connect();

  /// Call it once, when a shared_ptr owns the object.
  void start();
  void cancel();
  void on_timer();

  void on_view(const connect_time& now) override { perform(machine_->on_view(now.steady)); }
  void on_close(const connect_time& now) override;

 private:
  void perform(const race::step& next);
  void connect(std::size_t candidate);
  void on_answer(std::size_t candidate, error_code ec);
  void wait_until(std::optional<world::steady_time> when);
  void finish();

  connector_shell& shell_;
  service_query query_;
  listener done_;
  connect_result result_;
  std::shared_ptr<live_service> service_;
  std::optional<connect_machine> machine_;
  std::set<std::size_t> open_;  // candidates
  std::optional<connector_shell::wake> wake_;
};

}  // namespace sdconnect::scenario
