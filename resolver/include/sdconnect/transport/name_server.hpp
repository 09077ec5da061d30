/// \file
/// Which name servers a question can be put to: addresses, with or without TLS, or a zone file that
/// answers in their place.
#pragma once

#include "sdconnect/dns/ip_address.hpp"
#include "sdconnect/dns/name.hpp"
#include "sdconnect/dns/zone.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

/// An address and port that speak DNS.
struct server_address {
  ip_address address;
  std::uint16_t port = 53;

  /// Reads `ADDR`, `ADDR#PORT`, `ADDR:PORT` (IPv4), `[ADDR]`, `[ADDR]#PORT`, `[ADDR]:PORT`. Errors:
  /// bad_address.
  [[nodiscard]] static result<server_address> from_text(std::string_view text);
  /// "127.0.0.1#53", "::1#5353".
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const server_address&, const server_address&) = default;
};

/// SHA-256 of a certificate's SubjectPublicKeyInfo (RFC 7858 §4.2).
struct key_pin {
  std::array<std::uint8_t, 32> digest{};

  /// Reads curl's spelling, `sha256//` and 44 characters of base64. Errors: bad_key_pin.
  [[nodiscard]] static result<key_pin> from_text(std::string_view text);

  friend bool operator==(const key_pin&, const key_pin&) = default;
};

/// DNS over TLS (RFC 7858) with the strict profile of RFC 8310 §5: without an authenticated server
/// there is no query, and never one in clear text. The server is authenticated by
///  - its certificate, issued for `server_name` or, without a name, for the server's IP address,
///    and
///  - one of `pins`, when there are any, as a key of the verified chain. Pins without a name and
///    without a CA file stand for themselves: the key of the server's own certificate must be one
///    of them, and nothing else about the certificate matters, as with the self-signed ones of RFC
///    7858 §4.2.
struct tls_settings {
  std::string server_name;  ///< a host name without the final dot; sent as SNI, too
  std::vector<key_pin> pins;
  std::string ca_file;         ///< PEM; empty: the authorities the system trusts
  bool opportunistic = false;  ///< encrypts towards whoever answers (RFC 8310 §5); still never in clear text

  [[nodiscard]] bool is_pinned_only() const noexcept {
    return !pins.empty() && server_name.empty() && ca_file.empty() && !opportunistic;
  }
};

/// One name server: a remote one, or a zone file answering on the same code path.
struct name_server {
  server_address address;
  std::shared_ptr<const zone> file;  ///< when set, it answers and `address` is not used
  std::string label;                 ///< how output names it: "127.0.0.1#53", "tls://192.0.2.1#853@dns.example"
  std::optional<tls_settings> tls;   ///< when set, TLS and nothing else
  /// The AD bit in its answers counts, for nobody on the way can have set it: a loopback address,
  /// an authenticated TLS server, `options trust-ad` in resolv.conf, our own zone file not (nobody
  /// validated that).
  bool trusts_ad = false;

  [[nodiscard]] static name_server at(const server_address& address);
  [[nodiscard]] static name_server over_tls(const server_address& address, tls_settings with);
  [[nodiscard]] static name_server of(std::shared_ptr<const zone> file, std::string label);

  /// Reads what server_address::from_text does, and `tls://` before it with `@NAME` behind it,
  /// where the default port is 853. Errors: bad_address; for NAME bad_server_name.
  [[nodiscard]] static result<name_server> from_text(std::string_view text);
};

/// The servers for a domain and everything below it; the set with the longest matching domain is
/// asked.
struct server_set {
  name domain;  ///< the root: for everything
  std::vector<name_server> servers;
};

}  // namespace sdconnect
