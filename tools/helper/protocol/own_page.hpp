/// \file
/// What a proxy's port itself serves: the PAC file, which tells browsers what to ask the proxy for.
#pragma once

#include "helper/protocol/http_proxy.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::helper {

/// Returns the text of a PAC file: service names, in these domains if there are any, and these hosts
/// go to the proxy at 127.0.0.1; everything else is direct. Uses only functions that ask no DNS.
[[nodiscard]] std::string proxy_pac(std::uint16_t port, const std::vector<std::string>& domains,
                                    const std::vector<std::string>& hosts);

/// Returns the whole response to a request of kind `own`: `pac` for GET and HEAD of /proxy.pac, if
/// Host is loopback with `port`; 421 for everything else. So a page whose name was made to lead here
/// (DNS rebinding) learns nothing.
[[nodiscard]] std::string own_reply(const http_proxy_reader& asked, std::uint16_t port, std::string_view pac,
                                    std::string_view id);

}  // namespace sdconnect::helper
