/// \file
/// Describes an endpoint to a command: in words of its command line and variables of its
/// environment.
#pragma once

#include "sdconnect/dns/endpoint.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect {

/// What a command is told about its endpoint: pairs of a name and a value.
///
/// | name | value |
/// |---|---|
/// | host | the target, without the final dot |
/// | port, priority, weight | numbers |
/// | addr | the address |
/// | hostport | HOST:PORT |
/// | addrport | ADDR:PORT, an IPv6 address in brackets (RFC 3986 §3.2.2) |
/// | endpoints | HOST:PORT of each endpoint of `order`, separated by commas |
/// | instance | the first service instance of the endpoint, without the final dot; empty if there is none |
///
/// `order` is the order in which a client is to try the endpoints; empty: `where` alone. Endpoints
/// that are not safe in a command line (is_safe_argument) are left out of `endpoints`.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> endpoint_words(const endpoint& where,
                                                                              const ip_address& address,
                                                                              std::span<const endpoint> order = {});

/// Returns `text` with each {NAME} of endpoint_words replaced by its value; other braces are kept.
[[nodiscard]] std::string fill_placeholders(std::string_view text, const endpoint& where, const ip_address& address,
                                            std::span<const endpoint> order = {});

/// True if a placeholder of `text` would be replaced by the name of a service instance that is not
/// safe there: the argument would begin with "-" (an option), or the name stands inside a longer
/// text and has a character that a shell interprets. Names of instances are free text from DNS.
[[nodiscard]] bool is_unsafe_instance(std::string_view text, const endpoint& where);

/// Returns SD_HOST, SD_PORT and so on: the pairs of endpoint_words, with SD_ and upper case letters.
/// Leaves out SD_INSTANCE if there is no instance, and a value that is too long for a variable
/// (max_variable_octets).
[[nodiscard]] std::vector<std::pair<std::string, std::string>> endpoint_variables(const endpoint& where,
                                                                                  const ip_address& address,
                                                                                  std::span<const endpoint> order = {});

/// Longest value of a variable. Linux takes 128 KiB for one string of an environment or a command
/// line, including the variable's name and a NUL (execve(2)).
inline constexpr std::size_t max_variable_octets = 128 * 1024 - 64;

/// True if an inherited variable of this name could be mistaken for one that describes an endpoint:
/// those above, and SD_TXT_<KEY>.
[[nodiscard]] bool is_endpoint_variable(std::string_view variable) noexcept;

/// True if `target` may be part of a command line: it is a host name, and the command cannot take
/// it for an option ("-x").
[[nodiscard]] bool is_safe_argument(const name& target) noexcept;

}  // namespace sdconnect
