/// \file
/// What changed between two views of a service.
#pragma once

#include "sdconnect/resolver/watch_update.hpp"

#include <vector>

namespace sdconnect::detail {

/// Endpoints are the same by target and port; where one stands in several tiers, those of equal
/// priority belong together first. The order of addresses, records and instances means nothing. O(n
/// log n).
[[nodiscard]] std::vector<watch_event> differences(const service& before, const service& after);

}  // namespace sdconnect::detail
