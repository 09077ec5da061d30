/// \file
/// What to look for: a service name and filters.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/dns/txt.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

struct service_query {
  /// A service type (RFC 6763 §4.1), a service instance (§4.3) or a plain SRV name (RFC 2782).
  name qname;

  // Filters. If one of the first three is set, qname is a type.
  std::optional<std::string> version;   ///< instances whose first label is VERSION or _VERSION
  std::optional<std::string> instance;  ///< instances whose first label is this; raw octets
  std::optional<std::string> subtype;   ///< raw octets of the label before "._sub" (RFC 6763 §7.1)
  std::vector<txt_condition> txt;       ///< an instance must meet all conditions
  bool same_domain = false;            ///< refuse targets and instances outside `allowed_domain`, and aliases out of it
  std::optional<name> allowed_domain;  ///< for same_domain; unset: the domain of qname
  bool require_authenticated = false;  ///< refuse answers without the AD bit of a trusted server (not_authenticated)

  /// If there are neither SRV nor PTR records: use the addresses of the name itself with this port
  /// (RFC 2782 "Usage rules").
  std::optional<std::uint16_t> default_port;
  bool only_addresses = false;  ///< qname is a plain host: asks for no SRV and PTR records. REQUIRES: default_port
  bool want_ipv4 = true;
  bool want_ipv6 = true;
  /// Whether to query TXT records; always done if `txt` has a condition. Unset: a resolver and a
  /// watcher query them, a connector does not, because it would have to wait for them.
  std::optional<bool> want_txt = {};
  std::chrono::milliseconds timeout{5000};  ///< for the whole resolution; max(): no limit
  /// Set: how long the resolver waits for missing answers after the first address (RFC 8305 §3: 50
  /// ms to connect); max(): for every answer. For wanted TXT records it waits 1.5 s, or half of
  /// `timeout` if that is shorter. Unset: 50 ms in a connector. Others wait for every answer, but
  /// for a target's second address family at most 1.1 s longer than for all other answers.
  std::optional<std::chrono::milliseconds> resolution_delay;

  /// Reads a name as the user wrote it; the name is always absolute. A name below "local." is asked
  /// of the name servers like any other (RFC 6762 §3). Errors: those of name::from_text, and
  /// bad_service for the root or a name of one label.
  [[nodiscard]] static result<service_query> from_text(std::string_view text);
  /// Builds the query for `_SERVICE._PROTO.ZONE` and `version`. `service` may have the leading
  /// underscore or not; `proto` is "tcp" or "udp", in any letter case. Errors: as above, and
  /// bad_service for another `proto`.
  [[nodiscard]] static result<service_query> from_parts(std::string_view zone, std::string_view service,
                                                        std::string_view proto, std::optional<std::string> version);
};

}  // namespace sdconnect
