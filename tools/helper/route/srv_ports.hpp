/// \file
/// The service names of ports, for destinations that name a host and a port.
#pragma once

#include "program/value_text.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sdconnect::helper {

/// Port -> service label without underscore, "https".
using srv_ports = std::map<std::uint16_t, std::string>;

/// The registered names (IANA) of ports whose services publish SRV records. A table of our own:
/// container images have no /etc/services.
[[nodiscard]] const srv_ports& default_srv_ports();

/// Parses `default`, or `PORT=NAME,...`; both may be combined: `default,8443=https`.
[[nodiscard]] cli::parsed<srv_ports> srv_ports_from_text(std::string_view text);

}  // namespace sdconnect::helper
