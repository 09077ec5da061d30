/// \file
/// Which service, type or zone the words and the flags -z -s -p -v name.
#pragma once

#include "options.hpp"
#include "settings.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Words not yet used up.
using words_left = std::deque<std::string>;

/// Takes SERVICE off `words`, or builds it from the flags. Common options are not looked at. Throws failure (64).
[[nodiscard]] service_query service_from(std::string_view command, const settings& flags, words_left& words);

/// Fills in the zone and type of `browse` from TYPE, -z, -s, -p and --subtype. Throws failure (64).
void interpret_browse(options& opts, const settings& flags, words_left& words);

/// Whether SERVICE is given by -z, -s and -p.
[[nodiscard]] bool is_given_by_parts(const settings& flags);

}  // namespace sdconnect::cli
