/// \file
/// Selection by RFC 2782: the probability of each endpoint, and a full order in which to try them.
#pragma once

#include "sdconnect/balancer/policy.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/net/random.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sdconnect {

/// Returns false for an endpoint that cannot be tried: target "." (RFC 2782 "Target"), port 0 (RFC
/// 6763 §8), or a target whose lookup failed. Does not check the addresses, so that targets may
/// also be resolved later, just before they are tried.
[[nodiscard]] bool is_usable(const endpoint& e) noexcept;

/// Returns the probability of each endpoint to be the first choice, in the order of the input,
/// which may be any order. Zero for unusable endpoints and for all tiers except the lowest that has
/// a usable endpoint; the rest sums to 1.
///
/// With S the sum of the n weights of that tier, z of them zero:
///   rfc2782, z = 0: (w + 1/n) / (S + 1)
///   rfc2782, z > 0: w / (S + 1), and 1 / (z (S + 1)) for each zero
///   weighted: w / S                        both, S = 0: 1 / n
///   least_loaded (all idle) and hash (over all keys): as weighted
///   ordered: 1 for the heaviest; of several, the one whose target, then port, sorts first
[[nodiscard]] std::vector<double> first_choice_shares(std::span<const endpoint> endpoints, selection_policy policy);

/// Draws full orders of one set repeatedly, without allocating (RFC 2782 "Usage rules", "Weight").
///
/// A draw is exact: integers only, sums in 64 bits. It depends on the set, not on the order of the
/// input, so that a seed gives the same result however a name server rotates its answers. Not
/// thread safe: use one per thread.
class order_drawer {
 public:
  /// Keeps no reference to `endpoints`. REQUIRES: fewer than 2^32 endpoints.
  order_drawer(std::span<const endpoint> endpoints, selection_policy policy);
  order_drawer(order_drawer&&) noexcept;
  order_drawer& operator=(order_drawer&&) noexcept;
  ~order_drawer();

  /// Returns the indexes of the usable endpoints, each exactly once, in the order in which to try
  /// them, tier by tier. Valid until the next draw. O(n sqrt(n)) for each tier.
  [[nodiscard]] std::span<const std::uint32_t> draw(random_engine& random);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Returns one draw of order_drawer, for a set that is used only once.
[[nodiscard]] std::vector<std::uint32_t> selection_order(std::span<const endpoint> endpoints, selection_policy policy,
                                                         random_engine& random);

/// Policy `hash`: returns the order in which a key tries endpoints, tier by tier. Within a tier,
/// each endpoint stands where the key goes when all before it have left. The order is not random:
/// clients with the same set get the same order, whatever the order of their input. `key` is a
/// result of hash_of_key, or any number. O(n log n).
[[nodiscard]] std::vector<std::uint32_t> selection_order_of_key(std::span<const endpoint> endpoints, std::uint64_t key);

}  // namespace sdconnect
