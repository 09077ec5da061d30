/// \file
/// Detects that the machine has other addresses than before: it is in another network, where old
/// sockets and answers may be useless.
#pragma once

#include "sdconnect/net/ip_address.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace sdconnect::detail {

/// Called from time to time, has_changed() reports each change once, at most a second after it.
///
///  1. Monitoring begins a second after the construction, so that a program that asks once pays
///     nothing for it.
///  2. The kernel reports address changes (rtnetlink(7)); without a report the monitor does not
///     look.
///  3. After a report the monitor compares the addresses with the known ones, because the kernel
///     also reports extended lifetimes. Addresses of no network (loopback, link-local) do not
///     count: containers add and remove them.
///
/// If the kernel does not report (in a sandbox), has_changed() always returns false. Not thread
/// safe.
class network_monitor {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Access to the operating system; tests replace it.
  struct source {
    std::function<bool()> open;      ///< false: changes will not be reported
    std::function<bool()> has_news;  ///< since the last call
    std::function<std::vector<ip_address>()> addresses;
  };

  explicit network_monitor(time_point now) : network_monitor(now, kernel()) {}
  network_monitor(time_point now, source from) : from_(std::move(from)), last_look_(now) {}

  [[nodiscard]] bool has_changed(time_point now);

 private:
  enum class phase { not_begun, told, untold };

  static source kernel();

  source from_;
  phase phase_ = phase::not_begun;
  time_point last_look_;
  std::vector<ip_address> known_;
};

}  // namespace sdconnect::detail
