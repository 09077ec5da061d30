/// \file
/// What a helper remembers for its status page: attempts, changes, octets, connect times.
#pragma once

#include "helper/run/dialer.hpp"
#include "helper/status/helper_status.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace sdconnect::helper {

/// Bounded. Thread safe.
class ledger {
 public:
  static constexpr std::size_t max_attempts = 50, max_changes = 100, max_endpoints = 20'000;

  struct traffic {
    std::uint64_t up = 0, down = 0;
    std::string last_error;
  };

  /// Records a connect that has ended, with all its attempts.
  void add(const dialed& result, std::string_view id);
  void add_octets(const name& service, const endpoint& at, std::uint64_t up, std::uint64_t down);
  void add_change(std::string service, std::string subject, std::string what);

  [[nodiscard]] traffic of(const name& service, const endpoint& at) const;
  /// Sets the parts of `status` that are kept here.
  void fill(helper_status& status);

 private:
  using key = std::tuple<name, name, std::uint16_t>;

  traffic& entry(const key& of);

  mutable std::mutex mutex_;
  std::deque<status_attempt> attempts_;
  std::deque<status_change> changes_;
  std::map<key, traffic> traffic_;
  connect_series series_{std::chrono::steady_clock::now()};
};

}  // namespace sdconnect::helper
