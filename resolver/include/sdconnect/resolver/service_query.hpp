/// \file
/// What to look for: a service name and the wishes that narrow it.
#pragma once

#include "sdconnect/dns/name.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

/// KEY is present, or KEY has exactly this value. Keys compare without ASCII case.
struct txt_condition {
  std::string key;
  std::optional<std::string> value;

  /// Reads `KEY` or `KEY=VALUE`. Errors: bad_service for an empty key or one outside 0x20–0x7E.
  [[nodiscard]] static result<txt_condition> from_text(std::string_view text);
};

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

/// The label "_tcp" or "_udp" that makes a name a service name: its transport, and the domain
/// behind it.
struct service_labels {
  bool udp = false;
  name domain;  ///< what follows the transport label
  name type;    ///< service label, transport label and domain (RFC 6763 §7)
};
/// nullopt for a name without such a label.
[[nodiscard]] std::optional<service_labels> split_service_name(const name& n);

/// Why the service label of a type breaks RFC 6335 §5.1; empty when it does not. Such names are
/// deployed: warn, never refuse.
[[nodiscard]] std::string service_label_fault(std::string_view label);

/// A name that may stand in a SRV target to be connected to: letters, digits, hyphens and
/// underscores, not an IPv4 address in disguise.
[[nodiscard]] bool is_host_name(const name& n) noexcept;

}  // namespace sdconnect
