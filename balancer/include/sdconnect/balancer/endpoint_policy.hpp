/// \file
/// User-defined policies.
#pragma once

#include "sdconnect/balancer/balanced_endpoint.hpp"
#include "sdconnect/net/random.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace sdconnect {

struct policy_candidate {
  const balanced_endpoint* endpoint = nullptr;  ///< never null; valid during the call
  double weight = 0;                            ///< weight from DNS, times its share while it is warming
};

/// Returns the index of one of `usable`: the endpoints of the tiers that serve, at least one, in
/// the order of is_listed_before. `key` is what the caller passed to the balancer. Called from any
/// thread, from several at once, with no lock held. It must not throw, and must not pick, acquire
/// or plan from any balancer: that would invalidate its arguments. An index beyond the end means
/// the last one.
template <class Policy>
concept endpoint_policy = std::copy_constructible<Policy> &&
    requires(const Policy& choose, std::span<const policy_candidate> usable, random_engine& random,
             std::optional<std::uint64_t> key) {
  { choose(usable, random, key) } -> std::convertible_to<std::size_t>;
};

/// Holds any endpoint_policy.
using any_endpoint_policy =
    std::function<std::size_t(std::span<const policy_candidate> usable, random_engine&, std::optional<std::uint64_t>)>;

}  // namespace sdconnect
