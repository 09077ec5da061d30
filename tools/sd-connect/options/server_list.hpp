/// \file
/// Name servers as the user specifies them.
#pragma once

#include "program/config_file.hpp"
#include "sdconnect/transport/name_server.hpp"

#include <vector>

namespace sdconnect::cli {

/// The servers for one domain.
struct zone_servers {
  name domain;
  std::vector<setting> servers;
};
/// Reads the zones of the configuration file. Throws failure (78) for an invalid name, the root,
/// and a repeated name.
[[nodiscard]] std::vector<zone_servers> zones_from(const std::vector<config_table>& tables);

/// The trust settings for all tls:// servers.
struct tls_trust {
  std::string ca_file;
  std::vector<key_pin> pins;
};

/// Parses ADDR, ADDR#PORT, [ADDR]#PORT, ADDR:PORT, with optional tls:// before and @NAME behind, or
/// file:PATH, which is read now. Throws failure: the blame of the setting for an invalid server,
/// no_input (66) for an unreadable file, data_unusable (65) for an invalid zone.
[[nodiscard]] name_server server_from(const setting& said, const tls_trust& trust = {});

/// Returns one set for all names from `servers`, and one set for each of `zones`. Empty:
/// resolv.conf for all names.
[[nodiscard]] std::vector<server_set> server_sets_from(const std::vector<setting>& servers,
                                                       const std::vector<zone_servers>& zones,
                                                       const tls_trust& trust = {});

[[nodiscard]] bool has_tls_server(const std::vector<server_set>& sets) noexcept;

}  // namespace sdconnect::cli
