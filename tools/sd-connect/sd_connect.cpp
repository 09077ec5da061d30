#include "program/completion.hpp"
#include "program/parse.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/options/interpret.hpp"
#include "sd-connect/options/interpret_service.hpp"
#include "sd-connect/options/option_table.hpp"

namespace sdconnect::cli {
namespace {

template <exit_code (*run)(const options&)>
exit_code interpreted(const invocation& said) {
  return run(interpret(said));
}

constexpr command known_commands[] = {
    {"relay", "SERVICE", "relay stdin and stdout to one endpoint; the default for SERVICE alone",
     &interpreted<run_relay>},
    {"get", "SERVICE [PATH]", "HTTP GET through the balancer, body on stdout", &interpreted<run_get>},
    {"resolve", "SERVICE", "every endpoint with its priority, weight, share, addresses; TXT of each instance",
     &interpreted<run_resolve>},
    {"browse", "[TYPE]", "the instances of a type, or without TYPE the service types of a zone",
     &interpreted<run_browse>},
    {"pick", "SERVICE", "choose an endpoint; with -n N count N choices beside the expected shares",
     &interpreted<run_pick>},
    {"exec", "SERVICE -- COMMAND [ARG...]", "run COMMAND with {host} {port} {addr} of an endpoint",
     &interpreted<run_exec>},
    {"watch", "SERVICE", "one line for each change: + added, - removed, ~ changed, ! unknown, = known again",
     &interpreted<run_watch>},
    {"check", "SERVICE [-- COMMAND [ARG...]]", "try every endpoint once; succeeds only if all are well",
     &interpreted<run_check>},
    {"demo", "", "run a name server, backends and a client in one process", &interpreted<run_demo>},
    {"completion", "bash|zsh|fish", "print a completion script for the shell", &run_completion},
};

constexpr std::string_view later_commands[] = {"forward", "proxy"};

constexpr variable variables[] = {
    {.name = "SD_CONNECT_SERVER", .option = "server", .is_list = true},
    {.name = "SD_CONNECT_TIMEOUT", .option = "timeout"},
    {.name = "NO_COLOR", .option = "color", .value = "never"},  // https://no-color.org: any value that is not empty
};

/// -z, -s and -p imply get; SERVICE alone implies relay.
std::string_view implied_command(const arguments& given) {
  constexpr std::string_view see_help = "see sd-connect --help";
  if (is_given_by_parts(given.flags)) return "get";
  if (!given.words.empty() && given.words.front().find('.') == std::string::npos)
    throw fail(exit_code::usage, "neither a command nor a service name", in_quotes(given.words.front()), see_help);
  if (given.words.empty() && given.flags.empty() && given.unknown.empty() && !given.behind)
    throw fail(exit_code::usage, "nothing to do", "no SERVICE and no command", see_help);
  return "relay";
}

constexpr std::string_view synopsis =
    "Usage: sd-connect SERVICE                               relay stdin and stdout to one endpoint\n"
    "       sd-connect COMMAND [ARGUMENT...] [OPTION...]\n"
    "       sd-connect -z ZONE -s NAME -p tcp [-v VERSION]  the same as get\n"
    "\n"
    "Finds a service by DNS-SD (RFC 6763) and SRV records (RFC 2782) and connects to one of its endpoints.\n"
    "SERVICE is a domain name: a service type (_http._tcp.example.com) or an instance "
    "(printer._ipp._tcp.example.com).\n";

constexpr std::string_view closing =
    "Environment: SD_CONNECT_SERVER, SD_CONNECT_TIMEOUT, SD_CONNECT_CONFIG, NO_COLOR.\n"
    "Configuration: $XDG_CONFIG_HOME/sd-connect/config.toml or /etc/sd-connect/config.toml.\n"
    "Exit codes: 0 done, 64 usage, 65 unusable DNS data, 66 unreadable file, 68 no such service,\n"
    "  69 no endpoint reachable or HTTP status from 400, 70 internal error, 71 operating system, 74 broken "
    "stream,\n"
    "  75 no answer from DNS (try again), 76 protocol, 77 refused, 78 configuration.\n";

}  // namespace

const description& sd_connect() noexcept {
  static const description program{
      .name = "sd-connect",
      .version = SDCONNECT_VERSION,
      .synopsis = synopsis,
      .closing = closing,
      .commands = known_commands,
      .options = option_table(),
      .later_commands = later_commands,
      .implied_command = &implied_command,
      .command_of_words = "relay",
      .command_of_options = "get",
      .variables = variables,
      .config_variable = "SD_CONNECT_CONFIG",
      .config_folder = "sd-connect",
      .config_keys = "keys are the long names of the options common to all commands, and min-interval",
      .tables = {.name = "zone", .key = "server", .heading = "[zone.\"example.com\"]"},
  };
  return program;
}

}  // namespace sdconnect::cli
