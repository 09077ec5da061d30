/// \file
/// Which service, type or zone the words and the flags -z -s -p -v name.
#pragma once

#include "program/settings.hpp"
#include "sd-connect/options/options.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Words not yet used up.
using words_left = std::deque<std::string>;

/// A host name stands in DNS as its A-labels (RFC 5890 §2.3.2.1); we do not convert.
inline constexpr std::string_view ascii_hint = "write a host name as it stands in DNS, xn--... for other scripts";
[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

/// Takes SERVICE off `words`, or builds it from the flags. Common options are not looked at. Throws
/// failure (64).
[[nodiscard]] service_query service_from(std::string_view command, const settings& flags, words_left& words);

/// Fills in what to browse from TYPE, -z, -s, -p and --subtype, and a query when there is more to
/// narrow it by. Throws failure (64).
void interpret_browse(options& opts, const settings& flags, words_left& words);

/// Whether SERVICE is given by -z, -s and -p.
[[nodiscard]] bool is_given_by_parts(const settings& flags);

}  // namespace sdconnect::cli
