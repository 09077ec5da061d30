/// \file
/// The origin of a master file that does not say it by $ORIGIN, and the parts of its lines that this
/// takes.
#pragma once

#include "dns/zone/zone_text.hpp"
#include "sdconnect/dns/name.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace sdconnect::detail {

/// Whether the name, as written, ends with a dot that is not escaped.
[[nodiscard]] bool is_absolute(std::string_view text) noexcept;

/// $ORIGIN, $TTL and so on.
[[nodiscard]] bool is_directive(const zone_line& line) noexcept;

/// Removes [TTL] [class], in either order, and returns the TTL; empty if there is none.
std::string_view take_ttl_and_class(std::span<const std::string_view>& fields) noexcept;

/// For a file that is written for a server whose configuration says the origin. Returns the owner of
/// the SOA record; nullopt if there is none, if $ORIGIN stands before it, or if the owner has no final
/// dot: then no name of the file may need one. Throws zone_fault if the owner is "@".
[[nodiscard]] std::optional<name> origin_by_soa(std::string_view text);

}  // namespace sdconnect::detail
