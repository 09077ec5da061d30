/// \file
/// Performs what a race decides: one socket for each attempt.
#pragma once

#include "connect/race.hpp"
#include "sdconnect/connect/connector.hpp"
#include "transport/completion.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <vector>

namespace sdconnect {

class race_operation : public std::enable_shared_from_this<race_operation> {
 public:
  using completion_type = completion<error_code, connection>;
  using clock = std::chrono::steady_clock;

  /// Endpoints in the order to be tried, owned by whatever `owner` keeps alive.
  struct endpoint_order {
    std::vector<const endpoint*> endpoints;
    std::shared_ptr<const void> owner;
  };

  race_operation(boost::asio::any_io_executor executor, endpoint_order order, std::vector<race_candidate> candidates,
                 std::unique_ptr<race_context> context, const connect_options& options, clock::time_point deadline,
                 completion_type done);

  void start();
  void cancel();

 private:
  void perform(const race::step& next);
  void connect(std::size_t candidate);
  void wait_until(clock::time_point when);
  void finish();
  [[nodiscard]] std::vector<connect_attempt> story() const;

  boost::asio::any_io_executor executor_;
  endpoint_order order_;
  std::unique_ptr<race_context> context_;
  race race_;
  completion_type done_;
  boost::asio::steady_timer timer_;
  std::map<std::size_t, boost::asio::ip::tcp::socket> sockets_;  // by candidate
};

}  // namespace sdconnect
