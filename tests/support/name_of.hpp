/// \file
/// Names and addresses from valid text.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <string_view>

namespace sdconnect::test {

inline name name_of(std::string_view text) { return name::from_text(text).value(); }
inline ip_address address_of(std::string_view text) { return ip_address::from_text(text).value(); }

}  // namespace sdconnect::test
