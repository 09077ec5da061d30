/// \file
/// Performs what a connect decides: a socket for each attempt, and one timer.
#pragma once

#include "connect/connect_steps.hpp"
#include "sdconnect/connect/connection.hpp"
#include "transport/completion.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>

namespace sdconnect {

/// Timer and handlers run on `executor`, which runs them one at a time; the resulting socket belongs to
/// `socket_executor`.
class race_operation : public std::enable_shared_from_this<race_operation> {
 public:
  using completion_type = completion<error_code, connection>;
  using clock = std::chrono::steady_clock;

  race_operation(boost::asio::any_io_executor executor, boost::asio::any_io_executor socket_executor,
                 std::shared_ptr<connect_steps> machine, completion_type done);

  void start();
  void cancel();
  /// A step that the machine gave to somebody else, who told it something (DNS has news). Nothing after the end. Calls
  /// no code of the user's.
  void perform(const race::step& next);

 private:
  /// Every event goes through here, and calls no code of the user's: the one place where a lock is to be held.
  /// `tell` tells the machine; without a step the event was out of date.
  template <class Tell>
  void on_event(Tell&& tell) {
    if (!done_.is_pending()) return;
    const std::optional<race::step> next = tell(*machine_, clock::now());
    if (next) perform(*next);
  }

  void connect(std::size_t candidate);
  void on_answer(std::size_t candidate, error_code ec);
  void wait_until(clock::time_point when);
  void finish();

  boost::asio::any_io_executor executor_;
  boost::asio::any_io_executor socket_executor_;
  std::shared_ptr<connect_steps> machine_;
  completion_type done_;
  boost::asio::steady_timer timer_;
  std::map<std::size_t, boost::asio::ip::tcp::socket> sockets_;  // by candidate
};

}  // namespace sdconnect
