/// \file
/// Which name servers a question can be put to: addresses, with or without TLS, or a zone file that
/// answers in their place.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/dns/zone.hpp"
#include "sdconnect/net/ip_address.hpp"
#include "sdconnect/net/tls_options.hpp"

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

/// One name server: a remote one, or a zone file answering on the same code path. DNS over TLS (RFC
/// 7858) follows the strict profile of RFC 8310 §5: no query before the server is authenticated as
/// `tls` says, and none in clear text. The server's certificate must be issued for
/// `tls->server_name` or, without a name, for the server's IP address.
struct name_server {
  server_address address;
  std::shared_ptr<const zone> file;  ///< when set, it answers and `address` is not used
  std::string label;                 ///< how output names it: "127.0.0.1#53", "tls://192.0.2.1#853@dns.example"
  std::optional<tls_options> tls;    ///< when set, TLS and nothing else
  /// The AD bit in its answers counts, for nobody on the way can have set it: a loopback address,
  /// an authenticated TLS server, `options trust-ad` in resolv.conf, our own zone file not (nobody
  /// validated that).
  bool trusts_ad = false;

  [[nodiscard]] static name_server at(const server_address& address);
  [[nodiscard]] static name_server over_tls(const server_address& address, tls_options with);
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
