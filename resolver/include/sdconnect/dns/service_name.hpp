/// \file
/// Rules for service names (RFC 6763, RFC 6335) and host names.
#pragma once

#include "sdconnect/dns/name.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sdconnect {

/// The parts of a service name, which contains the label "_tcp" or "_udp" (its transport).
struct service_labels {
  bool udp = false;
  name domain;  ///< the labels after the transport label
  name type;    ///< service label, transport label and domain (RFC 6763 §7)
};
/// Returns nullopt for a name without such a label.
[[nodiscard]] std::optional<service_labels> split_service_name(const name& n);

/// Whether the name has the form of a service type, `_service._tcp.DOMAIN` or `_service._udp.DOMAIN`
/// (RFC 6763 §4.1.2, §7): no other transports, and no subtypes.
[[nodiscard]] bool is_service_type(const name& n);
/// Whether the name has the form of a service instance: one label in front of a service type
/// (RFC 6763 §4.1). "_sub" is no instance (§7.1).
[[nodiscard]] bool is_service_instance(const name& n);
/// Whether a PTR record of `type` may list the name: a service instance with the same transport, if
/// `type` has one. Its service may have another name than `type`.
[[nodiscard]] bool is_instance_for(const name& type, const name& n);

/// Returns why the service label of a type violates RFC 6335 §5.1; empty if it does not. Such names
/// are deployed: warn about them, but do not refuse them.
[[nodiscard]] std::string service_label_fault(std::string_view label);

/// Whether a client may connect to this name as an SRV target: letters, digits, hyphens and
/// underscores, and not an IPv4 address written as a name.
[[nodiscard]] bool is_host_name(const name& n) noexcept;

/// Returns the name as programs other than name servers write it: without the final dot; "." for
/// the root.
[[nodiscard]] std::string host_text(const name& host);

}  // namespace sdconnect
