/// \file
/// The PROXY protocol, version 2: tells a backend whom a forwarded connection comes from.
#pragma once

#include "sdconnect/net/ip_address.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sdconnect::helper {

struct proxied_address {
  ip_address address;
  std::uint16_t port = 0;
};

/// Returns the header. Without addresses (a Unix socket) it says LOCAL.
[[nodiscard]] std::string proxy_header(const std::optional<proxied_address>& source,
                                       const std::optional<proxied_address>& destination);

}  // namespace sdconnect::helper
