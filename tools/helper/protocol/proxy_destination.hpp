/// \file
/// What a client asks a proxy to connect to.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::helper {

struct proxy_destination {
  std::string host;  ///< as sent, any octets
  std::uint16_t port = 0;

  /// The host as an address, also in brackets.
  [[nodiscard]] std::optional<ip_address> address() const;
  /// "host:80", escaped for display.
  [[nodiscard]] std::string to_text() const;
};

/// Reads "HOST:PORT"; brackets around an IPv6 address are part of the host. Without a port it is
/// `default_port`; nothing if there is none.
[[nodiscard]] std::optional<proxy_destination> destination_from_text(std::string_view authority,
                                                                     std::optional<std::uint16_t> default_port);

/// Returns the names that a host may mean, in the order to be tried; empty if it is no domain name.
/// `%XX` is that octet of a label, so `my%20web` has a blank and `%2E` is no separator; the final dot
/// has no meaning. Clients convert non-ASCII host names to A-labels, but instances are UTF-8 (RFC
/// 6763 §4.1): an instance label `xn--...` is tried as UTF-8 first.
[[nodiscard]] std::vector<name> names_of_host(std::string_view host);

}  // namespace sdconnect::helper
