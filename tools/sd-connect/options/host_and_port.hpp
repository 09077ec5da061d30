/// \file
/// An endpoint as a user names it: HOST:PORT.
#pragma once

#include "program/value_text.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <cstdint>
#include <string_view>
#include <variant>

namespace sdconnect::cli {

struct host_and_port {
  std::variant<name, ip_address> host;
  std::uint16_t port = 0;

  /// Whether `e` has this port and this target, or this address.
  [[nodiscard]] bool is_of(const endpoint& e) const;
};

/// Parses `host1.example.com:8080`, `192.0.2.1:80`, `[2001:db8::1]:80`; the port is 1 to 65535.
[[nodiscard]] parsed<host_and_port> host_and_port_from_text(std::string_view text);

}  // namespace sdconnect::cli
