/// \file
/// Keeps the view of one service fresh by its TTLs, and tells what changes.
#pragma once

#include "sdconnect/cache/boot_clock.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace sdconnect {

struct watch_options {
  /// A record set with a shorter TTL, 0 included, is asked for no more often than this.
  std::chrono::milliseconds min_interval{5000};
};

enum class watch_event_kind : std::uint8_t {
  added,        ///< `after` is new
  removed,      ///< `before` is gone from DNS
  changed,      ///< the same (target, port): `before` and `after`, and what differs
  txt_changed,  ///< the TXT record of an instance
  unknown,      ///< a refresh failed for `reason`; what is known stays
  stale,        ///< it failed until a TTL ended; what was known still stays
  recovered,    ///< from unknown or stale: everything is known again
};
/// "added", "txt changed", ...
[[nodiscard]] std::string_view to_string(watch_event_kind kind) noexcept;

struct watch_event {
  watch_event_kind kind{};
  std::optional<endpoint> before = {}, after = {};
  bool priority_changed = false;
  bool weight_changed = false;
  bool addresses_changed = false;  ///< as sets: a rotated answer is no change
  bool instances_changed = false;
  std::optional<service_instance> instance_before = {}, instance_after = {};
  error_code reason = {};
};

struct watch_update {
  std::vector<watch_event> events;      ///< against the view of the last update
  std::shared_ptr<const service> view;  ///< never null; as it was when it last changed, TTLs included
  error_code status;                    ///< what async_resolve would have said of the view
  boot_clock::time_point time{};
  std::uint32_t merged = 1;  ///< changes that `events` sums up; more than 1 when they were not fetched in time
};

/// Asks again when the first record set used comes to the end of its TTL, just that one, and within 5 s while DNS gives
/// no answer (docs/decisions/0015-watching.md). A view never shrinks because something is unknown.
///
/// Works from its construction on, and keeps its executor's context busy until it is closed or destroyed, which ends
/// all its activity. It may outlive that context; then it can only be destroyed. It may be destroyed by its own
/// handlers. Thread safety as dns_client.
class service_watcher {
 public:
  using executor_type = resolver::executor_type;

  service_watcher(resolver with, const service_query& query, const watch_options& options = {});
  service_watcher(service_watcher&&) noexcept = default;
  service_watcher& operator=(service_watcher&& other) noexcept;
  ~service_watcher();

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Completes with void(error_code, watch_update): the first time with the current set, every endpoint `added`, as
  /// soon as it is known or known to be unknown; then with what changed since, as soon as something has. The error is
  /// operation_aborted after every type of cancellation, close() and destruction, and success otherwise. A cancelled
  /// call loses nothing: the next one has it. While one call is pending another fails with already_started.
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
