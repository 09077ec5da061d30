/// \file
/// Whether endpoints are as merge_endpoints() returns them.
#pragma once

#include "sdconnect/dns/endpoint.hpp"

#include <span>

namespace sdconnect::detail {

/// True if the endpoints are in the order of is_listed_before, and no two have the same priority,
/// target and port. Does not look into each one. O(n log n).
[[nodiscard]] bool is_merged(std::span<const endpoint> endpoints);

}  // namespace sdconnect::detail
