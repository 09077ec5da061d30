#include "sd-connect/sd_connect.hpp"

#include "program/completion.hpp"
#include "program/manual.hpp"
#include "program/output.hpp"
#include "program/parse.hpp"
#include "program/report.hpp"
#include "program/spelling.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/json_output.hpp"
#include "sd-connect/helper/helper_commands.hpp"
#include "sd-connect/options/interpret.hpp"
#include "sd-connect/options/interpret_service.hpp"
#include "sd-connect/options/option_table.hpp"
#include "sd-connect/options/service_text.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sdconnect::cli {
namespace {

/// Commands whose data on stdout can be JSON. With JSON their failures are data too.
constexpr std::string_view json_commands[] = {"resolve", "browse", "pick", "check", "watch"};

bool prints_json(std::string_view command) {
  return std::ranges::find(json_commands, command) != std::end(json_commands);
}

/// The name that the command is about, as in its JSON.
std::optional<name> asked_name(const options& opts) {
  if (opts.query) return opts.query->qname;
  if (opts.browse_type || opts.domains || !opts.zone) return opts.browse_type ? opts.browse_type : opts.zone;
  const result<name> types = type_enumeration_name(*opts.zone);
  return types ? std::optional(*types) : std::nullopt;
}

exit_code run_interpreted(const invocation& said, exit_code (*run)(const options&)) {
  std::optional<options> opts;
  try {
    opts = interpret(said);
    return run(*opts);
  } catch (const told_failure&) {
    throw;
  } catch (const failure& why) {
    if (prints_json(said.command) && asks_for_json(said))
      print(failure_json(opts ? asked_name(*opts) : std::nullopt, why));
    throw;
  }
}

template <exit_code (*run)(const options&)>
exit_code interpreted(const invocation& said) {
  return run_interpreted(said, run);
}

/// The command line was not understood, so this looks only for the plain forms of --json.
void report_failure(std::span<const char* const> given, const failure& why) {
  const auto end = std::ranges::find(given, std::string_view("--"), [](const char* a) { return std::string_view(a); });
  const std::vector<std::string_view> words(given.begin(), end);
  const auto has = [&words](std::string_view word) { return std::ranges::find(words, word) != words.end(); };
  const bool is_json = has("--json") || has("-ojson") || has("--output=json") || (has("json") && has("-o"));
  if (is_json && std::ranges::any_of(words, prints_json)) print(failure_json(std::nullopt, why));
}

exit_code run_exec_or_proxy(const invocation& said) {
  const bool is_proxy = said.given.flags.contains("proxy");
  return is_proxy ? run_behind_proxy(interpret(said), said) : run_interpreted(said, &run_exec);
}

constexpr bool without_config = false;  // command::reads_config

constexpr command known_commands[] = {
    {"relay", "SERVICE", "relay stdin and stdout to one endpoint; the default for SERVICE alone",
     &interpreted<run_relay>, "ssh -o ProxyCommand='sd-connect %h' _ssh._tcp.example.com\n"},
    {"get", "SERVICE [PATH]", "HTTP GET through the balancer, body on stdout", &interpreted<run_get>,
     "sd-connect get _http._tcp.example.com /status\n"},
    {"resolve", "SERVICE", "every endpoint with its priority, weight, share, addresses; TXT of each instance",
     &interpreted<run_resolve>,
     "sd-connect resolve _http._tcp.example.com --json\n"
     "sd-connect resolve _http._tcp.example.com --wait --timeout 2m\n"},
    {"browse", "[TYPE]", "the instances of a type, or without TYPE the service types of a zone",
     &interpreted<run_browse>, "sd-connect browse _ipp._tcp.example.com\nsd-connect browse -z example.com\n"},
    {"pick", "SERVICE", "choose an endpoint; with -n N count N choices beside the expected shares",
     &interpreted<run_pick>, "sd-connect pick _http._tcp.example.com -n 1000\n"},
    {"exec", "SERVICE -- COMMAND [ARG...]",
     "run COMMAND with {host} {port} {addr} {hostport} {addrport} {endpoints} {instance} {priority} {weight} of an "
     "endpoint",
     &run_exec_or_proxy,
     "sd-connect exec _http._tcp.example.com -- curl http://{addrport}/\n"
     "sd-connect exec _pgsql._tcp.example.com -- psql -h {host} -p {port}\n"},
    {"forward", "[ADDR:]PORT=SERVICE...", "local ports that lead to services; also unix:PATH=SERVICE, udp:PORT=SERVICE",
     &run_forward,
     "sd-connect forward 5432=_postgresql._tcp.example.com\n"
     "sd-connect forward 0=_http._tcp.a.example unix:db.sock=_db._tcp.a.example\n"},
    {"proxy", "", "a local proxy that connects to services: SOCKS5, SOCKS4a, HTTP CONNECT and plain HTTP on one port",
     &run_proxy,
     "sd-connect proxy --allow example.com --status 127.0.0.1:1088\n"
     "curl -x socks5h://127.0.0.1:1080 http://_http._tcp.example.com/\n"},
    {"status", "", "the state of a running forward or proxy; succeeds if it is ready", &run_status,
     "sd-connect status --status 127.0.0.1:1088 --wait 30s\n"},
    {"config", "check [FILE]", "what a configuration file means, or where it is wrong", &run_config,
     "sd-connect config check /etc/sd-connect/config.toml\n", without_config},
    {"watch", "SERVICE", "one line for each change: + added, - removed, ~ changed, ! unknown, = known again",
     &interpreted<run_watch>, "sd-connect watch _http._tcp.example.com --json\n"},
    {"check", "SERVICE [-- COMMAND [ARG...]]", "try every endpoint once; succeeds only if all are well",
     &interpreted<run_check>, "sd-connect check _http._tcp.example.com --check http --path /health\n"},
    {"demo", "", "run a name server, backends and a client in one process", &interpreted<run_demo>,
     "sd-connect demo --once --zone my.zone\n"},
    {"completion", "bash|zsh|fish", "print a completion script for the shell", &run_completion,
     "source <(sd-connect completion bash)\n", without_config},
    {help_command, "[COMMAND]", "print this text, or the help of COMMAND", nullptr, "sd-connect help get\n"},
    {"manual", "1|5", "", &run_manual, {}, without_config},
};

constexpr config_table_spec config_tables[] = {
    {.name = "zone",
     .how = config_table_spec::kind::named,
     .keys = "server",
     .example = "[zone.\"example.com\"] server = [...]"},
    {.name = "forward",
     .how = config_table_spec::kind::listed,
     .keys = "listen service affinity proxy-protocol",
     .example = "[[forward]] listen = \"5432\" service = \"_postgresql._tcp.example.com\""},
    {.name = "proxy",
     .how = config_table_spec::kind::options,
     .keys = {},
     .example = "[proxy] allow = [\"example.com\"]"},
    {.name = "map",
     .how = config_table_spec::kind::pairs,
     .keys = "map",
     .example = "[map] \"www.example.com\" = \"_https._tcp.example.com\""},
};

constexpr variable variables[] = {
    {.name = "SD_CONNECT_SERVER", .option = "server", .is_list = true},
    {.name = "SD_CONNECT_TIMEOUT", .option = "timeout"},
    {.name = "NO_COLOR", .option = "color", .value = "never"},  // https://no-color.org: any value that is not empty
};

/// Whether the first word can be the SERVICE, or the PATH of `get` if the flags name the service.
bool is_service_or_path(const arguments& given) {
  const std::string_view word = given.words.front();
  if (is_given_by_parts(given.flags)) return nearest_command(sd_connect(), word).empty();
  return word.find_first_of(".:") != std::string_view::npos;
}

/// -z, -s and -p imply get, and so does a URL; SERVICE alone implies relay.
std::string_view implied_command(const arguments& given) {
  if (!given.words.empty() && !is_service_or_path(given))
    throw fail(exit_code::usage, "neither a command nor a service name", in_quotes(given.words.front()),
               hint_for_command(sd_connect(), given.words.front()));
  if (given.words.empty() && given.flags.empty() && given.unknown.empty() && !given.behind)
    throw fail(exit_code::usage, "nothing to do", "no SERVICE and no command", "see sd-connect --help");
  if (is_given_by_parts(given.flags)) return "get";
  return !given.words.empty() && is_url(given.words.front()) ? "get" : "relay";
}

constexpr std::string_view synopsis =
    "Usage: sd-connect SERVICE                 relay stdin and stdout to an endpoint\n"
    "       sd-connect COMMAND [ARGUMENT...] [OPTION...]\n"
    "       sd-connect -z ZONE -s NAME -p tcp [-v VERSION]           the same as get\n"
    "\n"
    "Finds a service by DNS-SD (RFC 6763) and SRV records (RFC 2782) and connects to\n"
    "one of its endpoints. SERVICE is a domain name: a service type\n"
    "(_http._tcp.example.com) or an instance (printer._ipp._tcp.example.com).\n";

constexpr std::string_view about =
    "Finds a service by DNS-SD (RFC 6763) and SRV records (RFC 2782) and connects to one of its endpoints. "
    "SERVICE is a domain name: a service type (_http._tcp.example.com) or an instance of it "
    "(printer._ipp._tcp.example.com). "
    "The endpoints of the lowest priority are tried first, in an order drawn by their weights. "
    "SERVICE without a command means relay; -z ZONE -s NAME -p tcp without a command means get. "
    "Data go to stdout, everything else to stderr.";

constexpr std::string_view examples =
    "sd-connect resolve _http._tcp.example.com\n"
    "sd-connect get _http._tcp.example.com /status --server 127.0.0.1#5353\n"
    "sd-connect exec _http._tcp.example.com -- curl http://{addrport}/\n";

constexpr exit_meaning exit_codes[] = {
    {"0", "Done."},
    {"64", "Usage: a wrong option or argument."},
    {"65", "The DNS data cannot be used."},
    {"66", "A file that the user named cannot be read."},
    {"68", "No such service."},
    {"69", "No endpoint could be reached; get: HTTP status 400 or above; resolve --wait: the time is over."},
    {"70", "An error in this program."},
    {"71", "The operating system refused."},
    {"74", "The stream broke after it had begun."},
    {"75", "DNS gave no answer: trying again may succeed."},
    {"76", "The peer did not speak the protocol."},
    {"77", "Refused by policy or by credentials."},
    {"78", "The configuration is wrong."},
    {"126, 127", "exec: the command cannot be run, or was not found."},
};

constexpr std::string_view closing =
    "Environment: SD_CONNECT_SERVER, SD_CONNECT_TIMEOUT, SD_CONNECT_CONFIG, NO_COLOR.\n"
    "Configuration: $XDG_CONFIG_HOME/sd-connect/config.toml or\n"
    "  /etc/sd-connect/config.toml.\n"
    "Exit codes: 0 done, 64 usage, 65 unusable DNS data, 66 unreadable file,\n"
    "  68 no such service, 69 no endpoint reachable or HTTP status from 400,\n"
    "  70 internal error, 71 operating system, 74 broken stream,\n"
    "  75 no answer from DNS (try again), 76 protocol, 77 refused,\n"
    "  78 configuration.\n";

constexpr std::string_view config_about =
    "A TOML file with defaults for options. "
    "A key has the name and the meaning of the long option; the command line and the environment override it. "
    "A table [zone.\"example.com\"] names the name servers for one domain and everything below it. "
    "An unknown key is an error.";

constexpr std::string_view config_example =
    "timeout = \"2s\"\n"
    "policy = \"weighted\"\n"
    "server = [\"192.0.2.1\", \"tls://192.0.2.2@dns.example\"]\n"
    "\n"
    "[zone.\"corp.example.com\"]\n"
    "server = [\"10.0.0.1\"]\n";

}  // namespace

const description& sd_connect() noexcept {
  static const description program{
      .name = "sd-connect",
      .version = SDCONNECT_VERSION,
      .date = "2026-12-01",
      .purpose = "find a service by DNS-SD and connect to one of its endpoints",
      .about = about,
      .synopsis = synopsis,
      .examples = examples,
      .closing = closing,
      .exit_codes = exit_codes,
      .config_about = config_about,
      .config_example = config_example,
      .commands = known_commands,
      .options = option_table(),
      .at_option = "server",
      .implied_command = &implied_command,
      .report_failure = &report_failure,
      .command_of_words = "relay",
      .command_of_options = "get",
      .variables = variables,
      .config_variable = "SD_CONNECT_CONFIG",
      .config_folder = "sd-connect",
      .config_keys = "keys are the long names of the options common to all commands, and min-interval",
      .tables = config_tables,
  };
  return program;
}

}  // namespace sdconnect::cli
