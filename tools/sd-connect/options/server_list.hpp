/// \file
/// Name servers as the user names them.
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
/// Of the configuration file. Throws failure (78) for a name that is none, the root, and a name
/// said twice.
[[nodiscard]] std::vector<zone_servers> zones_from(const std::vector<config_table>& tables);

/// What all tls:// servers are checked by.
struct tls_trust {
  std::string ca_file;
  std::vector<key_pin> pins;
};

/// ADDR, ADDR#PORT, [ADDR]#PORT, ADDR:PORT, tls:// before and @NAME behind these, or file:PATH,
/// which is read now. Throws failure: the blame of the setting for what is no server, no_input (66)
/// for a file that cannot be read, data_unusable (65) for one that is no zone.
[[nodiscard]] name_server server_from(const setting& said, const tls_trust& trust = {});

/// One set for everything from `servers`, one for each of `zones`. Empty: resolv.conf for
/// everything.
[[nodiscard]] std::vector<server_set> server_sets_from(const std::vector<setting>& servers,
                                                       const std::vector<zone_servers>& zones,
                                                       const tls_trust& trust = {});

[[nodiscard]] bool has_tls_server(const std::vector<server_set>& sets) noexcept;

}  // namespace sdconnect::cli
