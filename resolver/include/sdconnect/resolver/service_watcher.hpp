/// \file
/// Keeps the view of one service fresh by its TTLs, and tells what changes.
#pragma once

#include "sdconnect/resolver/resolver.hpp"
#include "sdconnect/resolver/watch_update.hpp"

#include <chrono>
#include <memory>

namespace sdconnect {

struct watch_options {
  /// A record set with a shorter TTL, 0 included, is asked for after 100–120 % of this, drawn anew
  /// for each answer.
  std::chrono::milliseconds min_interval{5000};
};

/// Asks again when the first record set used comes to the end of its TTL, just that one, and within
/// 5 s while DNS gives no answer (docs/decisions/0015-watching.md). A view never shrinks because
/// something is unknown.
///
/// Works from its construction on, and keeps its executor's context busy until it is closed or
/// destroyed, which ends all its activity. It may be destroyed by its own handlers, and after that
/// context. Thread safe, but for moving from and to it, and its destruction.
class service_watcher {
 public:
  using executor_type = resolver::executor_type;

  service_watcher(resolver with, const service_query& query, const watch_options& options = {});
  service_watcher(service_watcher&&) noexcept = default;
  service_watcher& operator=(service_watcher&& other) noexcept;
  ~service_watcher();

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Completes with void(error_code, watch_update): the first time with the current set, every
  /// endpoint `added`, as soon as it is known or known to be unknown; then with what changed since,
  /// as soon as something has. The error is operation_aborted after every type of cancellation,
  /// close() and destruction, and success otherwise. A cancelled call loses nothing: the next one
  /// has it. While another call is pending: boost::asio::error::already_started.
  template <class CompletionToken>
  auto async_next(CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, watch_update)>(
        [](auto handler, std::shared_ptr<state> self) { start_next(std::move(self), std::move(handler)); }, token,
        state_);
  }

  /// The latest view, fetched or not; empty until the first is known. Never null.
  [[nodiscard]] std::shared_ptr<const service> current() const;

  /// Ends all activity. async_next then completes with operation_aborted.
  void close();

 private:
  struct state;  // defined by the implementation
  static void start_next(std::shared_ptr<state> self,
                         boost::asio::any_completion_handler<void(error_code, watch_update)> handler);

  std::shared_ptr<state> state_;
};

}  // namespace sdconnect
