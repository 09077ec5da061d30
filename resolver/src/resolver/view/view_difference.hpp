/// \file
/// Differences between two views of a service.
#pragma once

#include "sdconnect/resolver/watch_update.hpp"

#include <memory>
#include <vector>

namespace sdconnect::detail {

/// Endpoints are matched by target and port. If one is in several tiers, endpoints of equal
/// priority are matched first. The order of addresses, records and instances is ignored. O(n log
/// n).
[[nodiscard]] std::vector<watch_event> differences(const std::shared_ptr<const service>& before,
                                                   const std::shared_ptr<const service>& after);

}  // namespace sdconnect::detail
