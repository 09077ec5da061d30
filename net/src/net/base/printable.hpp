/// \file
/// What bytes from the network may look like on a terminal, in a log or in JSON. Printable here
/// means well-formed UTF-8 without control characters (C0, DEL, C1), without bidirectional
/// overrides and without invisible characters: nothing that could move a cursor or make a line read
/// differently than it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sdconnect::detail {

/// Octets of the printable UTF-8 character at the start of `text`; 0 when there is none.
[[nodiscard]] std::size_t printable_length(std::string_view text) noexcept;

[[nodiscard]] bool is_printable(std::string_view text) noexcept;

/// `text` with a backslash doubled and every octet that is not printable as \DDD (three decimal
/// digits).
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace sdconnect::detail
