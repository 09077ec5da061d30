/// \file
/// `sd-connect exec --proxy [SERVICE...] -- COMMAND`: runs a command whose connections go through a
/// helper that ends with it.

#include "program/foreground.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/exec_in_turn.hpp"
#include "sd-connect/helper/background_helper.hpp"
#include "sd-connect/helper/helper_commands.hpp"
#include "sd-connect/helper/helper_settings.hpp"
#include "sd-connect/options/setting_value.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <cstdlib>
#include <string>

namespace sdconnect::cli {
namespace {

constexpr std::string_view local_hosts = "localhost,127.0.0.1,::1";

void set_variables(std::uint16_t port, bool over_socks) {
  const std::string url = (over_socks ? "socks5h://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port);
  for (const char* variable : {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
    ::setenv(variable, url.c_str(), 1);
  for (const char* variable : {"no_proxy", "NO_PROXY"}) {
    const char* before = std::getenv(variable);
    std::string hosts(local_hosts);
    if (before != nullptr && *before != '\0') hosts = std::string(before) + ',' + hosts;
    ::setenv(variable, hosts.c_str(), 1);
  }
}

}  // namespace

exit_code run_behind_proxy(const options& opts, const invocation& said) {
  helper_settings wanted = helper_settings_of(said);
  wanted.helper.proxies = {{.port = 0}};
  // What the command asks for that is no service must work as without this program.
  wanted.helper.routes.allow_direct = true;
  for (const std::string& word : opts.words) {
    const setting written{word, "SERVICE", exit_code::usage};
    wanted.helper.routes.allowed.push_back(service_of(written));
    if (split_service_name(wanted.helper.routes.allowed.back())->udp)
      refuse(written, {"a service over UDP", "a proxy connects over TCP"});
  }
  if (!opts.verbose) wanted.log.threshold = log_level::warning;
  const layers all = layers_of(said);
  const background_helper running(wanted.helper, wanted.common, wanted.log, std::string(said.program.version));
  set_variables(running.proxy_port(), all.flag("socks"));
  const result<foreground_end> end = run_in_foreground(opts.command_line);
  if (!end) refuse_command(opts.command_line.front(), end.error());
  return static_cast<exit_code>(end->exit_code);
}

}  // namespace sdconnect::cli
