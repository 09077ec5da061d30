/// \file
/// Parses the values of options about HTTP.
#pragma once

#include "program/value_text.hpp"
#include "sdconnect/connect/probe_options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

/// Parses `Name: value` as in HTTP (RFC 9110 §5): a token, a colon, a value without control
/// characters. Returns it without blanks around the value.
[[nodiscard]] parsed<std::string> header_from_text(std::string_view text);

/// Parses a path for a request line (RFC 9112 §3.2.1): begins with "/", without blanks, control
/// characters, a fragment, or characters outside ASCII.
[[nodiscard]] parsed<std::string> path_from_text(std::string_view text);

/// Parses HTTP statuses: `200`, `200-299`, or several of both separated by commas.
[[nodiscard]] parsed<std::vector<http_status_range>> statuses_from_text(std::string_view text);

}  // namespace sdconnect::cli
