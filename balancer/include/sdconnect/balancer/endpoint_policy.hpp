/// \file
/// A policy of the user's own.
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
  double weight = 0;                            ///< that of DNS, times its share while it is warming
};

/// Gives the index of one of `usable`: the endpoints of the tiers that serve, never none, in the
/// order of is_listed_before. `key` is what the caller of the balancer gave. Called from any
/// thread, from several at once, with no lock held; it must not throw, nor pick, acquire or plan
/// from any balancer: what it was given would end. An index beyond the end means the last one.
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
