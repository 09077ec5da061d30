/// \file
/// What a command gets to know about an endpoint: words of its command line and variables of its
/// environment.
#pragma once

#include "sdconnect/dns/endpoint.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect {

/// `text` with every {host}, {port} and {addr} replaced; other braces stay. The host has no final
/// dot.
[[nodiscard]] std::string fill_placeholders(std::string_view text, const endpoint& where, const ip_address& address);

/// SD_HOST (without final dot), SD_PORT and SD_ADDR.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> endpoint_variables(const endpoint& where,
                                                                                  const ip_address& address);

/// Whether an inherited variable of this name would pass for one that tells of an endpoint: those
/// above, SD_INSTANCE and SD_TXT_<KEY>.
[[nodiscard]] bool is_endpoint_variable(std::string_view variable) noexcept;

/// Whether `target` may stand on a command line: a host name, and none that the command would take
/// for an option ("-x").
[[nodiscard]] bool is_safe_argument(const name& target) noexcept;

}  // namespace sdconnect
