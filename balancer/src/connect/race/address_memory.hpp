/// \file
/// Remembers which addresses of an endpoint failed lately.
#pragma once

#include "sdconnect/balancer/outcome.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// Keyed by (target, port) and address: a host that moves to another address does not keep its
/// failures, and the new owner of the old address does not inherit them. Holds failures only. Not
/// thread safe.
class address_memory {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How long a failure counts. RFC 6555 §4.2 lets a client remember for about ten minutes. One
  /// minute costs one head start (250 ms) a minute, and the client notices a recovery ten times
  /// sooner.
  static constexpr std::chrono::seconds lately{60};

  void note(const endpoint& of, const ip_address& address, outcome_kind outcome, time_point now);
  [[nodiscard]] bool failed_lately(const endpoint& of, const ip_address& address, time_point now) const;
  /// Forgets endpoints and addresses that are not listed.
  void keep_listed(std::span<const endpoint> listed);
  void clear() { failures_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return failures_.empty(); }

 private:
  struct failure {
    ip_address address;
    time_point when;
  };
  std::map<std::pair<name, std::uint16_t>, std::vector<failure>> failures_;
};

}  // namespace sdconnect::detail
