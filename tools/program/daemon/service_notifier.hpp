/// \file
/// Tells the service manager how this process is: the protocol of sd_notify(3), without libsystemd.
#pragma once

#include "net/io/descriptor.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Does nothing if no service manager asked to be told. Lost messages are no error: a service
/// manager that does not read must not stop the program. Thread safe.
class service_notifier {
 public:
  service_notifier() = default;
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and removes them from the environment, so
  /// that child processes do not speak for this one. Call it before starting any thread. A value
  /// that cannot be used counts as none.
  [[nodiscard]] static service_notifier from_environment();

  /// Whether a service manager listens.
  [[nodiscard]] bool is_connected() const noexcept { return socket_.get() >= 0; }

  void ready(std::string_view status);
  /// Ends with ready().
  void reloading();
  void stopping(std::string_view status);
  /// One line for `systemctl status`.
  void status(std::string_view line);
  /// Says that the process is alive.
  void watchdog();
  /// How often to call watchdog(): half of the time after which the service manager would restart
  /// the process. Unset if it does not watch.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_period() const noexcept { return watchdog_period_; }

 private:
  void send(const std::string& message, int flags) const noexcept;

  detail::descriptor socket_;
  std::optional<std::chrono::microseconds> watchdog_period_;
};

}  // namespace sdconnect::cli
