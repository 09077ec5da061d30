/// \file
/// Notices that the machine has other addresses than before: another network, where old sockets and
/// answers may lead nowhere.
#pragma once

#include "sdconnect/net/ip_address.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace sdconnect::detail {

/// Asked now and then, it tells each change once, no later than a second after it.
///
///  1. It begins a second after its construction, so that a program that asks once pays nothing for
///     it.
///  2. The kernel tells of address changes (rtnetlink(7)); as long as it told nothing, nobody
///     looks.
///  3. Then the addresses are compared with those known, for the kernel also tells when a lifetime
///     was extended. Those of no network (loopback, link-local) do not count: containers come and
///     go with them.
///
/// Where the kernel does not tell (a sandbox), nothing ever changes. Not thread safe.
class network_monitor {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What the operating system knows; replaced in tests.
  struct source {
    std::function<bool()> open;      ///< false: changes will not be told
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
