/// \file
/// A listing of endpoints, taken apart by priority.
#pragma once

#include "sdconnect/dns/endpoint.hpp"

#include <span>
#include <vector>

namespace sdconnect::cli {

/// Consecutive runs of one priority. REQUIRES: the stable order of merge_endpoints.
[[nodiscard]] std::vector<std::span<const endpoint>> tiers_of(std::span<const endpoint> endpoints);

}  // namespace sdconnect::cli
