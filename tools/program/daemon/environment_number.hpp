/// \file
/// Numbers in environment variables, as a service manager sets them.
#pragma once

#include "program/value_text.hpp"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>

namespace sdconnect::cli {

/// Unset if the variable is not set or no decimal number.
[[nodiscard]] inline std::optional<std::uint64_t> number_from_environment(const char* variable) {
  const char* set = secure_getenv(variable);
  const auto number = number_from_text(set == nullptr ? "" : set, 0, std::numeric_limits<std::uint64_t>::max());
  return number ? std::optional(*number) : std::nullopt;
}

}  // namespace sdconnect::cli
