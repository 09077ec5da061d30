/// \file
/// What to look for: a service name and the wishes that narrow it.
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

  // Narrowing; any of the first three says that qname is a type.
  std::optional<std::string> version;   ///< instances whose first label is VERSION or _VERSION
  std::optional<std::string> instance;  ///< instances whose first label is this, as raw octets
  std::optional<std::string> subtype;   ///< raw octets of the label before "._sub" (RFC 6763 §7.1)
  std::vector<txt_condition> txt;       ///< an instance must meet all
  bool same_domain = false;             ///< refuse targets and instances outside the domain of qname
  bool require_authenticated = false;   ///< refuse answers without the AD bit of a trusted server (not_authenticated)

  std::optional<std::uint16_t>
      default_port;  ///< with neither SRV nor PTR use the name's own addresses (RFC 2782 "Usage rules")
  bool want_ipv4 = true;
  bool want_ipv6 = true;
  /// Whether TXT is asked for; always so when `txt` holds a condition. Unset: by a resolver and a
  /// watcher, not by a connector, which would have to wait for it.
  std::optional<bool> want_txt = {};
  std::chrono::milliseconds timeout{5000};  ///< for the whole walk; max(): no limit
  /// Set: what is still missing so long after the first address is done without (RFC 8305 §3: 50 ms
  /// to connect), TXT records after 1.5 s or half of `timeout`; max() waits for every answer.
  /// Unset: a connector takes 50 ms; others wait for all, but for a target's second address family
  /// no longer than 1 s more than for all the rest.
  std::optional<std::chrono::milliseconds> resolution_delay;

  /// A name as the user wrote it, always absolute. Errors: those of name::from_text, bad_service
  /// for the root or a name of one label, multicast_name below "local.".
  [[nodiscard]] static result<service_query> from_text(std::string_view text);
  /// The article's four flags: `_SERVICE._PROTO.ZONE`, with or without the leading underscore in
  /// `service`, and `version`. Errors: as above.
  [[nodiscard]] static result<service_query> from_parts(std::string_view zone, std::string_view service,
                                                        std::string_view proto, std::optional<std::string> version);
};

}  // namespace sdconnect
