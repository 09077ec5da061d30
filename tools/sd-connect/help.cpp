#include "help.hpp"

#include "commands.hpp"
#include "option_table.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {
namespace {

std::string line_of(const option_spec& spec) {
  std::string left = spec.letter != 0 ? fmt::format("-{}, ", spec.letter) : std::string(4, ' ');
  left += fmt::format("--{}", spec.name);
  if (!spec.value.empty()) left += fmt::format(" {}", spec.value);
  std::string right(spec.help);
  if (!spec.choices.empty() && spec.name != "protocol") right += fmt::format(": {}", spec.choices);
  // A long left side gets a line of its own.
  constexpr std::size_t width = 28;
  if (left.size() > width) return fmt::format("  {}\n  {:{}}  {}\n", left, "", width, right);
  return fmt::format("  {:{}}  {}\n", left, width, right);
}

std::string options_text(std::string_view command, bool common) {
  std::string text;
  for (const option_spec& spec : option_table()) {
    if (spec.commands.empty() == common && applies_to(spec, command)) text += line_of(spec);
  }
  return text;
}

std::string command_help(const command& c) {
  std::string text = fmt::format("Usage: sd-connect {}{}{} [OPTION...]\n\n{}\n", c.name, c.words.empty() ? "" : " ",
                                 c.words, c.summary);
  if (const std::string own = options_text(c.name, false); !own.empty()) text += "\nOptions:\n" + own;
  return text + "\nCommon options:\n" + options_text(c.name, true);
}

}  // namespace

std::string help_text(std::string_view command_name) {
  if (const command* one = find_command(command_name)) return command_help(*one);
  std::string text =
      "Usage: sd-connect SERVICE                               relay stdin and stdout to one endpoint\n"
      "       sd-connect COMMAND [ARGUMENT...] [OPTION...]\n"
      "       sd-connect -z ZONE -s NAME -p tcp [-v VERSION]  the same as get\n"
      "\n"
      "Finds a service by DNS-SD (RFC 6763) and SRV records (RFC 2782) and connects to one of its endpoints.\n"
      "SERVICE is a domain name: a service type (_http._tcp.example.com) or an instance "
      "(printer._ipp._tcp.example.com).\n"
      "\n"
      "Commands:\n";
  for (const command& c : commands()) {
    const std::string left = fmt::format("{}{}{}", c.name, c.words.empty() ? "" : " ", c.words);
    text += fmt::format("  {:34}  {}\n", left, c.summary);
  }
  text += "\nOptions of all commands, before or after the command (sd-connect COMMAND --help tells its own):\n";
  text += options_text({}, true);
  return text +
         "\n"
         "Environment: SD_CONNECT_SERVER, SD_CONNECT_TIMEOUT, SD_CONNECT_CONFIG, NO_COLOR.\n"
         "Configuration: $XDG_CONFIG_HOME/sd-connect/config.toml or /etc/sd-connect/config.toml.\n"
         "Exit codes: 0 done, 64 usage, 65 unusable DNS data, 66 unreadable file, 68 no such service,\n"
         "  69 no endpoint reachable or HTTP status from 400, 70 internal error, 71 operating system, 74 broken "
         "stream,\n"
         "  75 no answer from DNS (try again), 76 protocol, 77 refused, 78 configuration.\n";
}

std::string version_text() { return "sd-connect " SDCONNECT_VERSION "\n"; }

}  // namespace sdconnect::cli
