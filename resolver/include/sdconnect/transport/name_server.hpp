/// \file
/// Which name servers a question can be put to: addresses, or a zone file that answers in their place.
#pragma once

#include "sdconnect/dns/ip_address.hpp"
#include "sdconnect/dns/name.hpp"
#include "sdconnect/dns/zone.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

/// An address and port that speak DNS.
struct server_address {
  ip_address address;
  std::uint16_t port = 53;

  /// Reads `ADDR`, `ADDR#PORT`, `ADDR:PORT` (IPv4), `[ADDR]`, `[ADDR]#PORT`, `[ADDR]:PORT`. Errors: bad_address.
  [[nodiscard]] static result<server_address> from_text(std::string_view text);
  /// "127.0.0.1#53", "::1#5353".
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const server_address&, const server_address&) = default;
};

/// One name server: a remote one, or a zone file answering on the same code path.
struct name_server {
  server_address address;
  std::shared_ptr<const zone> file;  ///< when set, it answers and `address` is not used
  std::string label;                 ///< how output names it: "127.0.0.1#53", "file:PATH"

  [[nodiscard]] static name_server at(const server_address& address);
  [[nodiscard]] static name_server of(std::shared_ptr<const zone> file, std::string label);
};

/// The servers for a domain and everything below it; the set with the longest matching domain is asked.
struct server_set {
  name domain;  ///< the root: for everything
  std::vector<name_server> servers;
};

}  // namespace sdconnect
