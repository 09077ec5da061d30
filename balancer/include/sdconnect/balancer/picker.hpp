/// \file
/// The next endpoint in nanoseconds: a fixed table that gives each endpoint its exact share.
#pragma once

#include "sdconnect/balancer/policy.hpp"
#include "sdconnect/balancer/random.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace sdconnect {

/// Chooses among the lowest tier that has a usable endpoint, with the shares of first_choice_shares rounded to 2^-32
/// (never to zero). An alias table (Walker; Vose), so that a pick costs the same for 1 and for 10,000 endpoints.
/// Immutable after construction: any number of threads may pick at once, each with its own generator.
class picker {
 public:
  /// What pick() returns when there is nothing to choose.
  static constexpr std::uint32_t npos = std::numeric_limits<std::uint32_t>::max();

  /// Chooses nothing.
  picker() = default;

  /// Keeps no reference to `endpoints`. O(n). REQUIRES: fewer than 2^32 - 1 endpoints.
  picker(std::span<const endpoint> endpoints, selection_policy policy);

  /// True when no endpoint is usable.
  [[nodiscard]] bool empty() const noexcept { return columns_.empty(); }

  /// The index of an endpoint in the set this was built from, or npos when empty(). Allocates nothing.
  /// `Generator` gives uniform 64-bit values, as random_engine does; it is called once.
  template <class Generator>
  [[nodiscard]] std::uint32_t pick(Generator& random) const noexcept {
    static_assert(Generator::min() == 0 && Generator::max() == std::numeric_limits<std::uint64_t>::max());
    if (columns_.empty()) return npos;

    // The high half of the product is a uniform column, the low half a uniform fraction of it.
    const detail::uint128 product = detail::uint128{random()} * columns_.size();
    const auto own = static_cast<std::uint32_t>(product >> 64);
    const auto fraction = static_cast<std::uint32_t>(product >> 32);
    const column chosen = columns_[own];

    // Half of all branches here would be mispredicted (three times the cost of a pick). The empty statement keeps the
    // compiler from turning the mask back into a branch.
    std::uint32_t keeps_own = 0U - static_cast<std::uint32_t>(fraction < chosen.threshold);
    asm("" : "+r"(keeps_own));
    return (own & keeps_own) | (chosen.alias & ~keeps_own);
  }

 private:
  /// One for each endpoint, all equally likely: fractions below the threshold (in 2^-32) stay, the others go to
  /// `alias`.
  struct column {
    std::uint32_t threshold;
    std::uint32_t alias;
  };

  template <class Mass>
  void fill_columns(std::span<Mass> masses, Mass capacity);

  std::vector<column> columns_;
};

}  // namespace sdconnect
