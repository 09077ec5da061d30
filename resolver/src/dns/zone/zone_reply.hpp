/// \file
/// Builds a zone's reply to a query message.
#pragma once

#include "dns/zone/zone_data.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Implements zone::reply.
[[nodiscard]] std::vector<std::uint8_t> reply_from(const zone_data& zone, std::span<const std::uint8_t> query,
                                                   std::size_t limit);

/// Implements udp_reply_limit().
[[nodiscard]] std::size_t reply_limit(std::span<const std::uint8_t> query) noexcept;

}  // namespace sdconnect::detail
