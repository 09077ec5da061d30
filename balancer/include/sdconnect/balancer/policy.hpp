/// \file
/// Policies that choose one endpoint of a priority tier.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstdint>
#include <string_view>

namespace sdconnect {

/// Every policy exhausts a tier before the next one (RFC 2782 "Priority"); policies differ only
/// within a tier.
enum class selection_policy : std::uint8_t {
  rfc2782,   ///< the procedure of RFC 2782 "Weight", with a new shuffle for each choice: zero weights are taken rarely
  weighted,  ///< exactly in proportion to the weights: a zero weight is taken only if no other is left
  ordered,   ///< not random: descending weight, then target, then port
  /// Draws two endpoints as `weighted` does and takes the one with less in flight relative to its
  /// weight. Same as `weighted` where no load is known (picker, selection_order), and while all
  /// loads are in proportion to the weights.
  least_loaded,
  /// A key keeps its endpoint as long as that endpoint is usable (weighted rendezvous); over all
  /// keys the shares are those of `weighted`. A zero weight gets keys only if no other is left.
  /// Same as `weighted` without a key.
  hash,
};

/// Returns the text that selection_policy_from_text reads: "rfc2782", "weighted", "ordered",
/// "least-loaded", "hash".
[[nodiscard]] std::string_view to_string(selection_policy policy) noexcept;

/// Case-sensitive. Errors: bad_policy.
[[nodiscard]] result<selection_policy> selection_policy_from_text(std::string_view text);

}  // namespace sdconnect
