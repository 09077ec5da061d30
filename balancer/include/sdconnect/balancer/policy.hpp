/// \file
/// The rules by which one endpoint of a priority tier is chosen.
#pragma once

#include "sdconnect/error/error.hpp"

#include <cstdint>
#include <string_view>

namespace sdconnect {

/// Every policy exhausts a tier before the next one (RFC 2782 "Priority") and differs only within it.
enum class selection_policy : std::uint8_t {
  rfc2782,   ///< the procedure of RFC 2782 "Weight", arranged anew for each choice: a zero weight is taken rarely
  weighted,  ///< exactly in proportion to the weights: a zero weight is taken when no other is left
  ordered,   ///< no chance: weight descending, then target, then port
};

/// As from_text reads it: "rfc2782", "weighted", "ordered".
[[nodiscard]] std::string_view to_string(selection_policy policy) noexcept;

/// Letter case counts. Errors: bad_policy.
[[nodiscard]] result<selection_policy> selection_policy_from_text(std::string_view text);

}  // namespace sdconnect
