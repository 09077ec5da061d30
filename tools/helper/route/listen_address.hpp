/// \file
/// Where the helper listens: an address and port, or a Unix socket.
#pragma once

#include "program/value_text.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace sdconnect::helper {

enum class listen_kind : std::uint8_t { tcp, udp, unix_socket };

struct listen_address {
  listen_kind kind = listen_kind::tcp;
  ip_address address = ip_address::v4({127, 0, 0, 1});  ///< not of a Unix socket
  std::uint16_t port = 0;                               ///< 0: a free one
  std::string path = {};                                ///< of a Unix socket

  /// Whether only processes of this host can reach it.
  [[nodiscard]] bool is_local() const noexcept { return kind == listen_kind::unix_socket || address.is_loopback(); }
  /// "127.0.0.1:1080", "[::1]:1080", "udp:127.0.0.1:53", "unix:/run/db.sock".
  [[nodiscard]] std::string to_text() const;

  friend auto operator<=>(const listen_address&, const listen_address&) = default;
};

/// Parses `PORT`, `ADDR:PORT`, `[ADDR]:PORT`, the same behind `udp:`, and `unix:PATH`. Without an
/// address it is 127.0.0.1; "localhost" is the same.
[[nodiscard]] cli::parsed<listen_address> listen_address_from_text(std::string_view text);

}  // namespace sdconnect::helper
