/// \file
/// What the error of an attempt to connect says of the other side.
#pragma once

#include "sdconnect/balancer/outcome.hpp"
#include "sdconnect/error/error.hpp"

namespace sdconnect {

[[nodiscard]] outcome_kind outcome_of(error_code ec) noexcept;

/// Descriptors, buffers, memory or ports of our own ran out.
[[nodiscard]] bool is_lack_of_resources(error_code ec) noexcept;

}  // namespace sdconnect
