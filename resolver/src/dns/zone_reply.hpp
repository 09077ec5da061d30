/// \file
/// What a zone answers to a query message.
#pragma once

#include "dns/zone_data.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect {

/// As zone::reply promises.
[[nodiscard]] std::vector<std::uint8_t> reply_from(const zone_data& zone, std::span<const std::uint8_t> query,
                                                   std::size_t limit);

}  // namespace sdconnect
