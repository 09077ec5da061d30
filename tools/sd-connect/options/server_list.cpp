#include "sd-connect/options/server_list.hpp"

#include "net/base/printable.hpp"
#include "program/report.hpp"

#include <algorithm>

namespace sdconnect::cli {
namespace {

constexpr std::string_view file_prefix = "file:";

name_server zone_file(const setting& said, const std::string& path) {
  auto loaded = zone::load(path);
  if (!loaded) {
    const zone::load_error& fault = loaded.error();
    const bool unreadable = fault.code == errc::file_unreadable;
    throw fail(unreadable ? exit_code::no_input : exit_code::data_unusable, fault.code.message(), said.where,
               detail::escaped(fault.message));
  }
  return name_server::of(std::make_shared<const zone>(std::move(*loaded)), said.text);
}

}  // namespace

std::vector<zone_servers> zones_from(const std::vector<config_table>& tables) {
  std::vector<zone_servers> zones;
  for (const config_table& table : tables) {
    if (table.of != "zone") continue;
    const auto refuse = [&](std::string_view what, std::string_view hint) {
      throw fail(exit_code::configuration, what, table.place, hint);
    };
    const result<name> domain = name::from_text(table.name);
    if (!domain) refuse(domain.error().message() + " " + in_quotes(table.name), "[zone.\"example.com\"]");
    if (domain->is_root())
      refuse("no servers for the zone '.'", "server = [...] outside of all tables is for all other names");
    if (std::ranges::find(zones, *domain, &zone_servers::domain) != zones.end())
      refuse("zone " + in_quotes(table.name) + " twice", "letter case and a final dot make no difference");
    zones.push_back({*domain, table.all("server")});
  }
  return zones;
}

name_server server_from(const setting& said, const tls_trust& trust) {
  const std::string_view text = said.text;
  if (text.starts_with(file_prefix)) return zone_file(said, std::string(text.substr(file_prefix.size())));
  result<name_server> server = name_server::from_text(text);
  if (!server && server.error() == errc::bad_server_name)
    throw fail(said.blame, server.error().message(), said.where + " " + in_quotes(text), "tls://ADDR@dns.example.com");
  if (!server)
    throw fail(said.blame, "not a name server", said.where + " " + in_quotes(text),
               "an IP address like 192.0.2.1, 192.0.2.1#5353 or [2001:db8::1]#5353, tls://ADDR@NAME, or file:PATH");
  if (!server->address.address.is_connectable())
    throw fail(said.blame, "not a name server", said.where + " " + in_quotes(text), "no server can have this address");
  if (server->tls) {
    server->tls->ca_file = trust.ca_file;
    server->tls->pins = trust.pins;
  }
  return std::move(*server);
}

std::vector<server_set> server_sets_from(const std::vector<setting>& servers, const std::vector<zone_servers>& zones,
                                         const tls_trust& trust) {
  std::vector<server_set> sets;
  const auto add = [&sets, &trust](const name& domain, const std::vector<setting>& said) {
    server_set& set = sets.emplace_back();
    set.domain = domain;
    for (const setting& one : said) set.servers.push_back(server_from(one, trust));
  };
  if (!servers.empty()) add(name(), servers);
  for (const zone_servers& zone : zones) add(zone.domain, zone.servers);
  return sets;
}

bool has_tls_server(const std::vector<server_set>& sets) noexcept {
  return std::ranges::any_of(sets, [](const server_set& set) {
    return std::ranges::any_of(set.servers, [](const name_server& server) { return server.tls.has_value(); });
  });
}

}  // namespace sdconnect::cli
