#include "server_list.hpp"

#include "report.hpp"
#include "sdconnect/dns/printable.hpp"

namespace sdconnect::cli {
namespace {

constexpr std::string_view file_prefix = "file:";
constexpr std::string_view tls_prefix = "tls://";

name_server zone_file(const setting& said, const std::string& path) {
  auto loaded = zone::load(path);
  if (!loaded) {
    const zone::load_error& fault = loaded.error();
    const bool unreadable = fault.code == errc::file_unreadable;
    throw fail(unreadable ? exit_code::no_input : exit_code::data_unusable, fault.code.message(), said.where,
               escaped(fault.message));
  }
  return name_server::of(std::make_shared<const zone>(std::move(*loaded)), said.text);
}

}  // namespace

name_server server_from(const setting& said) {
  const std::string_view text = said.text;
  if (text.starts_with(file_prefix)) return zone_file(said, std::string(text.substr(file_prefix.size())));
  if (text.starts_with(tls_prefix))
    throw fail(said.blame, "not in this version yet", said.where + " " + in_quotes(text), "DNS over TLS comes later");
  const result<server_address> address = server_address::from_text(text);
  if (!address)
    throw fail(said.blame, "not a name server", said.where + " " + in_quotes(text),
               "an IP address like 192.0.2.1, 192.0.2.1#5353 or [2001:db8::1]#5353, or file:PATH");
  if (!address->address.is_connectable())
    throw fail(said.blame, "not a name server", said.where + " " + in_quotes(text), "no server can have this address");
  return name_server::at(*address);
}

std::vector<server_set> server_sets_from(const std::vector<setting>& servers, const std::vector<zone_servers>& zones) {
  std::vector<server_set> sets;
  const auto add = [&sets](const name& domain, const std::vector<setting>& said) {
    server_set& set = sets.emplace_back();
    set.domain = domain;
    for (const setting& one : said) set.servers.push_back(server_from(one));
  };
  if (!servers.empty()) add(name(), servers);
  for (const zone_servers& zone : zones) add(zone.domain, zone.servers);
  return sets;
}

}  // namespace sdconnect::cli
