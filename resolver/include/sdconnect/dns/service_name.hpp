/// \file
/// The rules for names of services (RFC 6763, RFC 6335) and of hosts.
#pragma once

#include "sdconnect/dns/name.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sdconnect {

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

/// The name as programs other than name servers write it: without the final dot; "." for the root.
[[nodiscard]] std::string host_text(const name& host);

}  // namespace sdconnect
