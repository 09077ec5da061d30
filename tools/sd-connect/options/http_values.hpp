/// \file
/// The values of options about HTTP from their text.
#pragma once

#include "program/value_text.hpp"
#include "sdconnect/connect/probe_options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

/// `Name: value` as HTTP has it (RFC 9110 §5): a token, a colon, a value without control
/// characters. Gives it back without blanks around the value.
[[nodiscard]] parsed<std::string> header_from_text(std::string_view text);

/// A path for a request line (RFC 9112 §3.2.1): begins with "/", no blanks, no control characters,
/// no fragment, nothing outside ASCII.
[[nodiscard]] parsed<std::string> path_from_text(std::string_view text);

/// HTTP statuses, `200`, `200-299`, or several of both with commas between.
[[nodiscard]] parsed<std::vector<http_status_range>> statuses_from_text(std::string_view text);

}  // namespace sdconnect::cli
