/// \file
/// Describes an endpoint to a command: in words of its command line and variables of its
/// environment.
#pragma once

#include "sdconnect/dns/endpoint.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect {

/// Returns `text` with every {host}, {port} and {addr} replaced; other braces are kept. The host
/// has no final dot.
[[nodiscard]] std::string fill_placeholders(std::string_view text, const endpoint& where, const ip_address& address);

/// Returns SD_HOST (without the final dot), SD_PORT and SD_ADDR.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> endpoint_variables(const endpoint& where,
                                                                                  const ip_address& address);

/// True if an inherited variable of this name could be mistaken for one that describes an endpoint:
/// those above, SD_INSTANCE and SD_TXT_<KEY>.
[[nodiscard]] bool is_endpoint_variable(std::string_view variable) noexcept;

/// True if `target` may be part of a command line: it is a host name, and the command cannot take
/// it for an option ("-x").
[[nodiscard]] bool is_safe_argument(const name& target) noexcept;

}  // namespace sdconnect
