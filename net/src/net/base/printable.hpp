/// \file
/// Makes bytes from the network safe for a terminal, a log or JSON. Printable here means
/// well-formed UTF-8 without control characters (C0, DEL, C1), without bidirectional overrides and
/// without invisible characters, because these could move a cursor or make a line read differently
/// than it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sdconnect::detail {

/// Returns the octets of the printable UTF-8 character at the start of `text`; 0 if there is none.
[[nodiscard]] std::size_t printable_length(std::string_view text) noexcept;

[[nodiscard]] bool is_printable(std::string_view text) noexcept;

/// Returns `text` with each backslash doubled and every octet that is not printable as \DDD (three
/// decimal digits).
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace sdconnect::detail
