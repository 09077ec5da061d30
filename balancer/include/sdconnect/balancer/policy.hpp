/// \file
/// The rules by which one endpoint of a priority tier is chosen.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstdint>
#include <string_view>

namespace sdconnect {

/// Every policy exhausts a tier before the next one (RFC 2782 "Priority") and differs only within
/// it.
enum class selection_policy : std::uint8_t {
  rfc2782,   ///< the procedure of RFC 2782 "Weight", shuffled anew for each choice: a zero weight is taken rarely
  weighted,  ///< exactly in proportion to the weights: a zero weight is taken when no other is left
  ordered,   ///< no chance: weight descending, then target, then port
  /// Of two drawn as by `weighted`, the one with less in flight for its weight. Where no load is
  /// known (picker, selection_order), and while all are loaded in proportion to their weights, the
  /// same as `weighted`.
  least_loaded,
  /// A key has its endpoint for as long as that is usable (weighted rendezvous); over all keys the
  /// shares are those of `weighted`. A zero weight gets keys when no other is left. Without a key,
  /// the same as `weighted`.
  hash,
};

/// As from_text reads it: "rfc2782", "weighted", "ordered", "least-loaded", "hash".
[[nodiscard]] std::string_view to_string(selection_policy policy) noexcept;

/// Letter case counts. Errors: bad_policy.
[[nodiscard]] result<selection_policy> selection_policy_from_text(std::string_view text);

}  // namespace sdconnect
