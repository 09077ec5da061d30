/// \file
/// Keeps the view of one service fresh according to its TTLs, and reports changes.
#pragma once

#include "sdconnect/resolver/resolver.hpp"
#include "sdconnect/resolver/watch_update.hpp"

#include <chrono>
#include <memory>

namespace sdconnect {

struct watch_options {
  /// Minimum interval between queries: a record set with a shorter TTL, 0 included, is queried
  /// after 100–120 % of this, with a new random value for each answer.
  std::chrono::milliseconds min_interval{5000};
};

/// When the first used record set nears the end of its TTL, the watcher queries that record set
/// again. While DNS gives no answer, it queries again within 5 s (docs/decisions/0015-watching.md).
/// A view never shrinks because something is unknown.
///
/// Works from its construction on, and keeps its executor's context busy until it is closed or
/// destroyed, which ends all its activity. Its own handlers may destroy it, and it may be destroyed
/// after that context. Thread safe, except for moving from and to it, and for its destruction.
class service_watcher {
 public:
  using executor_type = resolver::executor_type;

  service_watcher(resolver with, const service_query& query, const watch_options& options = {});
  service_watcher(service_watcher&&) noexcept = default;
  service_watcher& operator=(service_watcher&& other) noexcept;
  ~service_watcher();

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Completes with void(error_code, watch_update). The first call completes with the current set,
  /// every endpoint as `added`, as soon as DNS has answered or failed. Later calls
  /// complete with the changes since the previous update, as soon as there are any. The error is
  /// operation_aborted after every type of cancellation, close() and destruction, and success
  /// otherwise. A cancelled call loses nothing: the next call returns its changes. While another
  /// call is pending: boost::asio::error::already_started.
  template <class CompletionToken>
  auto async_next(CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, watch_update)>(
        [](auto handler, std::shared_ptr<state> self) { start_next(std::move(self), std::move(handler)); }, token,
        state_);
  }

  /// Returns the latest view, whether async_next() has returned it or not; empty until the first
  /// view is known. Never null.
  [[nodiscard]] std::shared_ptr<const service> current() const;

  /// Ends all activity. async_next() then completes with operation_aborted.
  void close();

 private:
  struct state;  // defined by the implementation
  static void start_next(std::shared_ptr<state> self,
                         boost::asio::any_completion_handler<void(error_code, watch_update)> handler);

  std::shared_ptr<state> state_;
};

}  // namespace sdconnect
