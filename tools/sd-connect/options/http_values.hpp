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

/// Parses the value of a Host field (RFC 9110 §7.2): a host name, which may have underscores, or an
/// address, IPv6 in brackets, and optionally a port.
[[nodiscard]] parsed<std::string> host_from_text(std::string_view text);

/// Returns the host of such a value, without port, brackets and final dot.
[[nodiscard]] std::string host_without_port(std::string_view host);

/// Parses a name that a certificate must have: a host name or an IP address.
[[nodiscard]] parsed<std::string> certificate_name_from_text(std::string_view text);

/// Parses HTTP statuses: `200`, `200-299`, or several of both separated by commas.
[[nodiscard]] parsed<std::vector<http_status_range>> statuses_from_text(std::string_view text);

}  // namespace sdconnect::cli
