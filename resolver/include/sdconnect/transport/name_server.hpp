/// \file
/// Name servers that a client can ask: addresses, with or without TLS, or a zone file that answers
/// instead.
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

/// Address and port of a DNS server.
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

/// One name server: a remote server, or a zone file that answers on the same code path. DNS over
/// TLS (RFC 7858) follows the strict profile of RFC 8310 §5: the client sends no query before it
/// has authenticated the server as `tls` says, and none in clear text. The server's certificate
/// must be issued for `tls->server_name` or, without a name, for the server's IP address.
struct name_server {
  server_address address;
  std::shared_ptr<const zone> file;  ///< if set, it answers, and `address` is not used
  std::string label;                 ///< its name in output: "127.0.0.1#53", "tls://192.0.2.1#853@dns.example"
  std::optional<tls_options> tls;    ///< if set, the client uses only TLS
  /// Whether to trust the AD bit in its answers, because no one on the path can have set it: true
  /// for a loopback address, an authenticated TLS server, and `options trust-ad` in resolv.conf;
  /// false for a zone file, which is not validated.
  bool trusts_ad = false;

  [[nodiscard]] static name_server at(const server_address& address);
  [[nodiscard]] static name_server over_tls(const server_address& address, tls_options with);
  [[nodiscard]] static name_server of(std::shared_ptr<const zone> file, std::string label);

  /// Reads the forms of server_address::from_text, and the same with `tls://` before and optionally
  /// `@NAME` after, where the default port is 853. Errors: bad_address; bad_server_name for NAME.
  [[nodiscard]] static result<name_server> from_text(std::string_view text);
};

/// The servers for a domain and everything below it. The client asks the set with the longest
/// matching domain.
struct server_set {
  name domain;  ///< the root matches every name
  std::vector<name_server> servers;
};

}  // namespace sdconnect
