/// \file
/// Picks the next endpoint in nanoseconds, from a fixed table that gives each endpoint its exact
/// share.
#pragma once

#include "sdconnect/balancer/alias_table.hpp"
#include "sdconnect/balancer/policy.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/net/random.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace sdconnect {

/// Chooses from the lowest tier that has a usable endpoint, with the shares of first_choice_shares
/// rounded to 2^-32 (never to zero). Uses an alias table (Walker; Vose), so that a pick costs the
/// same for 1 and for 10,000 endpoints. Immutable after construction: any number of threads may
/// pick at once, each with its own generator.
class picker {
 public:
  /// Result of pick() if there is nothing to choose.
  static constexpr std::uint32_t npos = std::numeric_limits<std::uint32_t>::max();

  /// Creates an empty picker.
  picker() = default;

  /// Keeps no reference to `endpoints`. O(n). REQUIRES: fewer than 2^32 - 1 endpoints.
  picker(std::span<const endpoint> endpoints, selection_policy policy);

  /// True if no endpoint is usable.
  [[nodiscard]] bool empty() const noexcept { return columns_.empty(); }

  /// Returns the index of an endpoint in the set that this was built from, or npos if empty().
  /// Allocates nothing. `Generator` returns uniform 64-bit values, as random_engine does; it is
  /// called once.
  template <class Generator>
  [[nodiscard]] std::uint32_t pick(Generator& random) const noexcept {
    if (columns_.empty()) return npos;
    return detail::draw_from_columns(columns_.data(), columns_.size(), random);
  }

 private:
  std::vector<detail::alias_column> columns_;
};

}  // namespace sdconnect
