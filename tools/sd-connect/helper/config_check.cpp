/// \file
/// `sd-connect config check [FILE]`: says what a configuration means, or where it is wrong.

#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/helper/helper_commands.hpp"
#include "sd-connect/helper/helper_settings.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {
namespace {

void print_server_sets(const options& opts) {
  for (const server_set& set : opts.server_sets) {
    std::string servers;
    for (const name_server& s : set.servers) servers += ' ' + s.label;
    print(fmt::format("zone {} asks{}\n", set.domain.to_text(), servers));
  }
  if (opts.server_sets.empty()) print("name servers of /etc/resolv.conf\n");
}

void print_helper(const helper::helper_options& h) {
  for (const helper::forward_options& f : h.forwards)
    print(fmt::format("forward {} to {}{}{}\n", f.at.to_text(), f.service.to_text(), f.affinity ? ", affinity" : "",
                      f.proxy_protocol ? ", PROXY protocol" : ""));
  for (const helper::listen_address& at : h.proxies)
    print(fmt::format("proxy {}{}\n", at.to_text(), h.required ? ", with authentication" : ""));
  for (const name& domain : h.routes.allowed) print(fmt::format("allow {}\n", domain.to_text()));
  for (const helper::host_mapping& m : h.routes.mappings)
    print(fmt::format("map {}{} to {}\n", host_text(m.host), m.port ? ':' + std::to_string(*m.port) : "",
                      m.service.to_text()));
  for (const auto& [port, label] : h.routes.ports) print(fmt::format("port {} is _{}._tcp\n", port, label));
  if (h.routes.allow_direct) print("other hosts directly\n");
  if (h.status) print(fmt::format("status {}\n", h.status->to_text()));
}

}  // namespace

exit_code run_config(const invocation& said) {
  std::vector<std::string> words = said.given.words;
  if (words.empty() || words.front() != "check" || words.size() > 2)
    throw fail(exit_code::usage, "not 'config check [FILE]'", words.empty() ? "" : in_quotes(words.front()));
  invocation checked = said;
  checked.from_file = words.size() == 2 ? config_from_file(said.program, words.back(), "FILE") : load_config_for(said);
  if (checked.from_file.path.empty())
    throw fail(exit_code::no_input, "no configuration file", "", "name one: config check FILE");
  checked.given.words.clear();
  checked.command = "proxy";  // the command that uses all of it
  const helper_settings meant = helper_settings_of(checked);
  print(fmt::format("{} is valid\n", in_quotes(checked.from_file.path)));
  print_server_sets(*meant.common);
  print_helper(meant.helper);
  return exit_code::done;
}

}  // namespace sdconnect::cli
