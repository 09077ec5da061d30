/// \file
/// State shared by the copies of one client: a query engine with real sockets, one timer, and the
/// callers of the questions.
#pragma once

#include "net/base/entropy.hpp"
#include "net/io/context_bound.hpp"
#include "sdconnect/transport/dns_client.hpp"
#include "transport/asio/asio_network.hpp"
#include "transport/engine/query_engine.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace sdconnect {

/// One mutex protects all of it. Public functions and Asio handlers take it; it is released while a
/// caller's handler runs.
///
///  1. Handlers of callers without their own executor run right where their reply was read, one
///     after the other, and the questions they ask are sent together: the client posts nothing for
///     a question.
///  2. Such a handler may take long, or block until another question is answered. So that it delays
///     no other caller, the client posts a relay before the first handler of a round. If another
///     thread runs the relay while a handler is running, it takes over the round: it sends the
///     collected queries, waits for datagrams again and delivers the other results. With one thread
///     the relay runs after the round and does nothing.
///  3. `turn_` says who delivers. Code that finds it changed after a handler leaves the rest to the
///     other thread.
struct dns_client::state final : detail::context_bound, std::enable_shared_from_this<dns_client::state> {
 public:
  using handler_type = boost::asio::any_completion_handler<void(error_code, query_result&&)>;

  state(executor_type ex, const dns_client_options& options);
  /// Call once, when a std::shared_ptr owns this object.
  void attach();

  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
  detail::query_engine::handle start(const question& asked, clock::time_point deadline, handler_type handler);
  /// From any thread, also after the end of the query or of the context.
  void cancel(detail::query_engine::handle query);
  void replace_server_sets(std::vector<server_set> sets);
  void replace_options(dns_client_options with);
  void reset();
  [[nodiscard]] dns_client_statistics statistics() const;

 private:
  /// The caller that waits for a question.
  struct caller {
    handler_type handler;
    bool is_on_own_executor = false;
    boost::asio::any_completion_executor executor;  // with outstanding work; empty for the client's own executor
  };
  /// Everything that belongs to the context, and is destroyed with it.
  struct io {
    io(const executor_type& executor, detail::query_engine::options with);

    detail::asio_network network;
    detail::query_engine engine;
    boost::asio::steady_timer timer;
    boost::asio::any_completion_executor own_executor;
    std::vector<caller> callers;  // by the slot of the query
  };

  [[nodiscard]] static detail::server_registry::options servers_of(const dns_client_options& options);
  void on_context_shutdown() noexcept override;

  void after_event();
  void on_replies();
  void deliver_soon();
  void deliver();
  void pass_on();
  void take_over();
  void hand_over(detail::query_engine::finished& ended);
  void arm_timer();
  void rest_soon();
  /// Runs `what(*this)` from the event loop, with the lock.
  template <class What>
  void post(What what);

  mutable std::mutex mutex_;
  executor_type executor_;
  dns_client_options options_;
  detail::entropy_source entropy_;
  std::unique_ptr<io> io_;  // null after the context's shutdown
  bool is_armed_ = false;
  unsigned arms_ = 0;  // callbacks of an earlier wait are ignored
  bool is_delivering_soon_ = false;
  bool is_resting_soon_ = false;
  bool is_relay_posted_ = false;     // rule 2
  bool is_handler_running_ = false;  // in the current turn
  unsigned turn_ = 0;                // rule 3
};

}  // namespace sdconnect
