/// \file
/// How the server of a TLS connection proves who it is.
#pragma once

#include "sdconnect/net/error.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

/// SHA-256 of a certificate's SubjectPublicKeyInfo (RFC 7858 §4.2).
struct key_pin {
  std::array<std::uint8_t, 32> digest{};

  /// Reads curl's spelling, `sha256//` and 44 characters of base64. Errors: bad_key_pin.
  [[nodiscard]] static result<key_pin> from_text(std::string_view text);

  friend bool operator==(const key_pin&, const key_pin&) = default;
};

/// The server is authenticated by
///  - its certificate, issued for `server_name` or, without a name, for the server's IP address,
///    and
///  - one of `pins`, when there are any, as a key of the verified chain. Pins without a name and
///    without a CA file stand for themselves: the key of the server's own certificate must be one
///    of them, and nothing else about the certificate matters, as with the self-signed ones of RFC
///    7858 §4.2.
struct tls_options {
  std::string server_name;  ///< a host name without the final dot; sent as SNI, too
  std::vector<key_pin> pins;
  std::string ca_file;         ///< PEM; empty: the authorities the system trusts
  bool opportunistic = false;  ///< encrypts towards whoever answers (RFC 8310 §5)

  [[nodiscard]] bool is_pinned_only() const noexcept {
    return !pins.empty() && server_name.empty() && ca_file.empty() && !opportunistic;
  }
};

}  // namespace sdconnect
