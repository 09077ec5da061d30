/// \file
/// Policy `hash`: which endpoint a key belongs to, by weighted rendezvous (highest random weight).
#pragma once

#include "balancer/order/candidate.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// What tells an endpoint from the others in all its scores: the target without case, and the port.
/// The same on every machine.
[[nodiscard]] std::uint64_t endpoint_identity(const endpoint& e) noexcept;

/// What an endpoint of that identity and weight draws for a key; the lowest wins. A weight of 0
/// counts as 1.
[[nodiscard]] double number_of_key(std::uint64_t key, std::uint64_t identity, std::uint64_t weight) noexcept;

/// Each endpoint draws for each key a number of its own, exponentially distributed with its weight
/// as the rate; the lowest wins.
///
///  * The share of an endpoint is w / S, to 2^-53.
///  * A number depends on key, endpoint and weight alone. So when an endpoint leaves, only its keys
///    move, and when a weight rises, keys move only to that endpoint; both are the least that the
///    shares allow.
///  * Clients with the same set agree, whatever order they hold it in.
///
/// Immutable after construction, thread safe.
class rendezvous {
 public:
  static constexpr std::uint32_t npos = std::numeric_limits<std::uint32_t>::max();

  /// Chooses nothing.
  rendezvous() = default;

  /// Endpoint i has identities[i] and the weight masses[i]; with 0 it takes no part. Keeps no
  /// reference. O(n). REQUIRES: equal sizes, below 2^32 - 1.
  rendezvous(std::span<const std::uint64_t> identities, std::span<const std::uint64_t> masses);

  [[nodiscard]] bool empty() const noexcept { return members_.empty(); }

  /// npos when empty(). O(n), about a nanosecond for each member; allocates nothing.
  [[nodiscard]] std::uint32_t pick(std::uint64_t key) const noexcept;

 private:
  struct member {
    std::uint64_t identity;
    double per_weight;
  };
  std::vector<member> members_;
  std::vector<std::uint32_t> indexes_;
};

/// Writes the candidates' indexes so that each stands where the key goes when all before it have
/// left: the first is what pick() gives. Zero weights come last, in an order of the key's own.
/// `identities` is indexed as candidate::index says. O(n log n). REQUIRES: as many places in
/// `order`.
void order_by_key(std::span<const candidate> candidates, std::span<const std::uint64_t> identities, std::uint64_t key,
                  std::span<std::uint32_t> order);

}  // namespace sdconnect::detail
