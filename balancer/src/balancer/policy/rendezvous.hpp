/// \file
/// Policy `hash`: maps a key to an endpoint by weighted rendezvous hashing (highest random weight).
#pragma once

#include "balancer/order/candidate.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Returns a number that identifies the endpoint in all its scores: a hash of the target, without
/// case, and the port. The same on every machine.
[[nodiscard]] std::uint64_t endpoint_identity(const endpoint& e) noexcept;

/// Returns the number that an endpoint of this identity and weight draws for a key; the lowest
/// wins. A weight of 0 counts as 1.
[[nodiscard]] double number_of_key(std::uint64_t key, std::uint64_t identity, std::uint64_t weight) noexcept;

/// Each endpoint draws its own number for each key, exponentially distributed with its weight as
/// the rate; the lowest wins.
///
///  * The share of an endpoint is w / S, to 2^-53.
///  * A number depends only on key, endpoint and weight. So if an endpoint leaves, only its keys
///    move, and if a weight rises, keys move only to that endpoint; both are the minimum that the
///    shares allow.
///  * Clients with the same set agree, whatever the order of the set.
///
/// Immutable after construction, thread safe.
class rendezvous {
 public:
  static constexpr std::uint32_t npos = std::numeric_limits<std::uint32_t>::max();

  /// Creates an empty object.
  rendezvous() = default;

  /// Endpoint i has identities[i] and the weight masses[i]; with 0 it does not take part. Keeps no
  /// reference. O(n). REQUIRES: equal sizes, below 2^32 - 1.
  rendezvous(std::span<const std::uint64_t> identities, std::span<const std::uint64_t> masses);

  [[nodiscard]] bool empty() const noexcept { return members_.empty(); }

  /// Returns the index of the winner; npos if empty(). O(n), about a nanosecond for each member;
  /// allocates nothing.
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
/// left: the first is the result of pick(). Zero weights come last, in an order that depends on the
/// key. `identities` is indexed by candidate::index. O(n log n). REQUIRES: as many places in
/// `order` as candidates.
void order_by_key(std::span<const candidate> candidates, std::span<const std::uint64_t> identities, std::uint64_t key,
                  std::span<std::uint32_t> order);

}  // namespace sdconnect::detail
