/// \file
/// Remembers which addresses of an endpoint failed lately, and whose turn it is.
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
/// failures, and the new owner of the old address does not inherit them. Not thread safe.
class address_memory {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How long a failure counts. RFC 6555 §4.2 lets a client remember for about ten minutes. One
  /// minute costs one head start (250 ms) a minute, and the client notices a recovery ten times
  /// sooner.
  static constexpr std::chrono::seconds lately{60};

  void note(const endpoint& of, const ip_address& address, outcome_kind outcome, time_point now);
  [[nodiscard]] bool failed_lately(const endpoint& of, const ip_address& address, time_point now) const;

  /// Sets the turn of every endpoint that was not used yet.
  void begin_turns(std::uint64_t first) noexcept { first_turn_ = first; }
  /// Returns the number of the endpoint's turn: its addresses come first one after the other.
  [[nodiscard]] std::uint64_t turn(const endpoint& of) const;
  /// The endpoint is used; its next address is first next time.
  void take_turn(const endpoint& of);

  /// Forgets endpoints and addresses that are not listed.
  void keep_listed(std::span<const endpoint> listed);
  void clear() { failures_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return failures_.empty(); }

 private:
  void keep_turns(std::span<const endpoint> listed);

  struct failure {
    ip_address address;
    time_point when;
  };
  using key = std::pair<name, std::uint16_t>;

  std::map<key, std::vector<failure>> failures_;
  std::map<key, std::uint64_t> turns_;  // of the endpoints that were used and have several addresses
  std::uint64_t first_turn_ = 0;
};

}  // namespace sdconnect::detail
