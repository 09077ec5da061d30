/// \file
/// Finds the service, type or zone that the words and the flags -z -s -p -v name.
#pragma once

#include "program/settings.hpp"
#include "sd-connect/options/options.hpp"
#include "sd-connect/options/service_text.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Words not yet used.
using words_left = std::deque<std::string>;

/// DNS contains host names as A-labels (RFC 5890 §2.3.2.1); this program does not convert them.
inline constexpr std::string_view ascii_hint = "write a host name as it stands in DNS, xn--... for other scripts";
[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

struct asked_service {
  service_query query;
  service_text text;  ///< SERVICE as written; empty if the flags name the service
};
/// Takes SERVICE off `words`, or builds it from the flags. Ignores common options. Throws failure
/// (64).
[[nodiscard]] asked_service service_from(std::string_view command, const settings& flags, words_left& words);

/// Sets what to browse from TYPE, -z, -s, -p and --subtype, and sets a query if there are further
/// conditions. Throws failure (64).
void interpret_browse(options& opts, const settings& flags, words_left& words);

/// Whether -z, -s and -p give the SERVICE.
[[nodiscard]] bool is_given_by_parts(const settings& flags);

}  // namespace sdconnect::cli
