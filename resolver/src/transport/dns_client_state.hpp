/// \file
/// What the copies of one client share: a query engine with real sockets, one timer, and who waits for what.
#pragma once

#include "sdconnect/dns/entropy.hpp"
#include "sdconnect/transport/dns_client.hpp"
#include "transport/asio_network.hpp"
#include "transport/query_engine.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <vector>

namespace sdconnect {

struct dns_client::state : std::enable_shared_from_this<dns_client::state> {
 public:
  using handler_type = boost::asio::any_completion_handler<void(error_code, query_result&&)>;

  state(executor_type ex, const dns_client_options& options);
  /// Once, when it is owned.
  void attach();

  void start(const question& asked, clock::time_point deadline, handler_type handler);
  void replace(const dns_client_options& with) { engine_.replace_servers(servers_of(with)); }
  void reset();
  [[nodiscard]] dns_client_statistics statistics() const noexcept;

  executor_type executor;
  dns_client_options options;

 private:
  [[nodiscard]] static server_table::settings servers_of(const dns_client_options& options);
  /// Who waits for a question.
  struct caller {
    handler_type handler;
    bool is_on_own_executor = false;
    boost::asio::any_completion_executor executor;  // with work, while it is not our own
  };

  void cancel(query_engine::handle query);
  void after_event();
  void on_network();
  void deliver_soon();
  void deliver();
  void hand_over(query_engine::finished& ended);
  void arm_timer();
  void rest_soon();

  entropy_source entropy_;
  asio_network network_;
  query_engine engine_;
  boost::asio::steady_timer timer_;
  bool is_armed_ = false;
  unsigned arms_ = 0;  // callbacks of an earlier wait are ignored
  bool is_delivering_soon_ = false;
  bool is_resting_soon_ = false;
  boost::asio::any_completion_executor own_executor_;
  std::vector<caller> callers_;  // by the slot of the query
};

}  // namespace sdconnect
