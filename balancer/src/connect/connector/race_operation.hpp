/// \file
/// Performs the decisions of a connect, with a socket for each attempt and one timer.
#pragma once

#include "connect/race/connect_steps.hpp"
#include "net/io/completion.hpp"
#include "sdconnect/connect/connection.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace sdconnect::detail {

/// Timer, attempts and handlers run on `executor`. The resulting socket moves to `socket_executor`,
/// whose context need not run until then, and which gets nothing of abandoned attempts. Each event
/// is handled under the lock that guards the machine, and calls no user code.
class race_operation : public std::enable_shared_from_this<race_operation> {
 public:
  using completion_type = completion<error_code, connection>;
  using clock = std::chrono::steady_clock;

  virtual ~race_operation() = default;
  race_operation(const race_operation&) = delete;
  race_operation& operator=(const race_operation&) = delete;

  void start();
  void cancel() { handle({event::kind::cancel}); }

 protected:
  struct event {
    enum class kind : std::uint8_t { start, answer, time, view, cancel };
    kind what{};
    std::size_t candidate = 0;  ///< of an answer
    error_code ec = {};         ///< its result
  };

  race_operation(const boost::asio::any_io_executor& executor, boost::asio::any_io_executor socket_executor,
                 completion_type done);

  /// Takes the lock, and calls process().
  virtual void handle(const event& what) = 0;
  /// Returns the machine's answer to a view; only connects to a service have views.
  [[nodiscard]] virtual std::optional<race::step> on_view(clock::time_point) { return std::nullopt; }
  /// Adds to the result what the race does not know. The machine is not used afterwards.
  virtual void complete(connection&) {}

  /// Handles an event. Does nothing after the end.
  void process(connect_steps& machine, const event& what, clock::time_point now);
  void end(error_code status, connection out);
  [[nodiscard]] bool is_pending() const noexcept { return done_.is_pending(); }
  /// Its destruction runs user code.
  [[nodiscard]] completion_type take_completion() { return std::move(done_); }

 private:
  [[nodiscard]] std::optional<race::step> tell(connect_steps& machine, const event& what, clock::time_point now);
  void perform(connect_steps& machine, const race::step& next);
  void connect(const attempt_target& to, std::size_t candidate);
  void wait_until(clock::time_point when);
  void finish(connect_steps& machine);

  boost::asio::any_io_executor executor_;
  boost::asio::any_io_executor socket_executor_;  // empty: the same as executor_
  completion_type done_;
  boost::asio::steady_timer timer_;
  std::map<std::size_t, boost::asio::ip::tcp::socket> sockets_;  // by candidate
};

/// Owns a machine that no other object refers to.
class lone_race_operation final : public race_operation {
 public:
  lone_race_operation(const boost::asio::any_io_executor& executor, boost::asio::any_io_executor socket_executor,
                      std::unique_ptr<connect_steps> machine, completion_type done);

 private:
  void handle(const event& what) override;

  std::mutex mutex_;
  std::unique_ptr<connect_steps> machine_;
};

}  // namespace sdconnect::detail
