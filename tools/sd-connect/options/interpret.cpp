#include "sd-connect/options/interpret.hpp"

#include "program/report.hpp"
#include "sd-connect/options/ca_file.hpp"
#include "sd-connect/options/http_values.hpp"
#include "sd-connect/options/interpret_service.hpp"
#include "sd-connect/options/option_table.hpp"
#include "sd-connect/options/server_list.hpp"
#include "sd-connect/options/setting_value.hpp"

#include <iterator>
#include <limits>
#include <span>

namespace sdconnect::cli {
namespace {

// A thousand times the promised billion; more would run for hours.
constexpr std::uint64_t most_picks = 1'000'000'000'000;
// Policy least-loaded keeps all picks in flight, at about a hundred octets of memory each.
constexpr std::uint64_t most_in_flight = 10'000'000;

std::size_t choice_of(const setting& said, std::string_view option) {
  return value_or_refuse(said, choice_from_text(said.text, find_option(option_table(), option)->choices));
}

/// A configuration file may contain a key for users who choose policy hash on the command line.
void interpret_policy(options& opts, const layers& all) {
  // In the order of the choices.
  if (const setting* said = all.last("policy")) opts.policy = static_cast<selection_policy>(choice_of(*said, "policy"));
  const setting* key = all.last("hash-key");
  if (key == nullptr) return;
  if (key->text.empty()) throw fail(key->blame, "empty value", key->where, "e.g. a user, a session, a path");
  if (opts.policy == selection_policy::hash)
    opts.hash_key = key->text;
  else if (key->blame == exit_code::usage)
    throw fail(exit_code::usage, "makes no sense without --policy hash", key->where);
}

bool is_json(const setting& output) {
  const auto choice = choice_from_text(output.text, find_option(option_table(), "output")->choices);
  return choice && static_cast<output_format>(*choice) == output_format::json;
}

/// --json means -o json and has the strength of the layer that sets it.
output_format format_from(const layers& all) {
  const layers saying = all.strongest_with({"json", "output"});
  const setting* said = saying.last("output");
  if (saying.flag("json")) {
    if (said != nullptr && !is_json(*said))
      throw fail(said->blame, "two output formats", saying.last("json")->where + " and " + said->where,
                 "choose one of json and " + in_quotes(said->text));
    return output_format::json;
  }
  if (said == nullptr) return output_format::table;
  return static_cast<output_format>(choice_of(*said, "output"));  // in the order of the choices
}

void interpret_same_domain(options& opts, const layers& all) {
  opts.same_domain = all.flag("same-domain");
  const setting* said = all.value_of_flag("same-domain");
  if (said == nullptr) return;
  const result<name> domain = name::from_text(said->text);
  if (!domain) refuse(*said, {domain.error().message(), "a domain name like example.com"});
  opts.same_domain = true;
  opts.allowed_domain = *domain;
}

void interpret_timeout(options& opts, const setting& said, const layers& all) {
  opts.waits_forever = said.text == "forever";
  if (!opts.waits_forever)
    opts.timeout = value_or_refuse(said, duration_from_text(said.text));
  else if (!all.flag("wait") && all.last("wait-gone") == nullptr)
    throw fail(said.blame, "forever makes no sense without --wait or --wait-gone", said.where);
}

void interpret_common(options& opts, const layers& all) {
  if (const setting* said = all.last("timeout")) interpret_timeout(opts, *said, all);
  if (const setting* said = all.last("connect-timeout"))
    opts.connect_timeout = value_or_refuse(*said, duration_from_text(said->text));
  interpret_policy(opts, all);
  if (const setting* said = all.last("seed"))
    opts.seed = value_or_refuse(*said, number_from_text(said->text, 0, std::numeric_limits<std::uint64_t>::max()));
  if (const setting* said = all.last("color")) opts.color = static_cast<color_mode>(choice_of(*said, "color"));
  if (const setting* said = all.last("check")) opts.check = static_cast<probe_kind>(choice_of(*said, "check"));
  opts.format = format_from(all);
  opts.tcp_only = all.flag("tcp");
  opts.randomize_case = all.flag("randomize-case");
  interpret_same_domain(opts, all);
  opts.require_authenticated = all.flag("require-authenticated");
  opts.explain = all.flag("explain");
  opts.quiet = all.flag("quiet");
  opts.verbose = all.flag("verbose");
}

void apply_common(service_query& query, const options& opts, const layers& all) {
  query.timeout = opts.timeout;
  query.same_domain = opts.same_domain;
  query.allowed_domain = opts.allowed_domain;
  query.require_authenticated = opts.require_authenticated;
  // -6 on the command line must not combine with ipv4 = true in the file.
  const layers families = all.strongest_with({"ipv4", "ipv6"});
  const bool only_v4 = families.flag("ipv4");
  const bool only_v6 = families.flag("ipv6");
  query.want_ipv4 = only_v4 || !only_v6;
  query.want_ipv6 = only_v6 || !only_v4;
  // Only commands that show TXT ask for it; otherwise it would be half of the queries. Conditions
  // on TXT ask for it in any case.
  query.want_txt = opts.command == "resolve" || opts.command == "exec" || opts.command == "watch";
}

/// A URL as SERVICE also tells what `get` and `check` request, and whether over TLS. Other commands
/// use only its name.
void apply_url(options& opts, const service_text& written, const layers& all, const words_left& words) {
  if (!written.is_url) return;
  if (opts.command == "check" && all.last("check") == nullptr) opts.check = probe_kind::http;
  if (opts.command != "get" && (opts.command != "check" || opts.check != probe_kind::http)) return;
  opts.tls = written.is_https;
  if (!written.path) return;
  const bool has_path = opts.command == "get" ? !words.empty() : all.last("path") != nullptr;
  if (has_path && *written.path != "/")
    throw fail(exit_code::usage, "two paths", "SERVICE " + in_quotes(*written.path), "write the path once");
  opts.path = value_or_refuse({*written.path, "SERVICE", exit_code::usage}, path_from_text(*written.path));
}

void interpret_get(options& opts, const layers& all, words_left& words) {
  if (!words.empty()) {
    opts.path = value_or_refuse({words.front(), "PATH", exit_code::usage}, path_from_text(words.front()));
    words.pop_front();
  }
  opts.include_head = all.flag("include");
  if (const setting* said = all.last("max-time"))
    opts.max_time = value_or_refuse(*said, duration_from_text(said->text));
}

/// Whether endpoints must prove their identity by TLS.
bool speaks_tls(const options& opts) { return opts.tls || opts.check == probe_kind::tls; }

void interpret_tls(options& opts, const layers& all) {
  opts.tls = opts.tls || all.flag("tls");
  const setting* said = all.last("tls-name");
  if (said == nullptr) return;
  if (!speaks_tls(opts)) throw fail(exit_code::usage, "makes no sense without --tls", said->where);
  if (said->text.empty()) throw fail(exit_code::usage, "empty value", said->where);
  if (!is_ascii(said->text))
    throw fail(exit_code::usage, "not a host name", said->where + " " + in_quotes(said->text), ascii_hint);
  opts.tls_name = value_or_refuse(*said, certificate_name_from_text(said->text));
}

void interpret_host(options& opts, const layers& all) {
  const setting* said = all.last("host");
  if (said == nullptr) return;
  const bool sends_it = opts.command == "get" || opts.check == probe_kind::http || opts.check == probe_kind::tls;
  if (!sends_it) throw fail(exit_code::usage, "makes no sense without --check http or --check tls", said->where);
  if (said->text.empty()) throw fail(exit_code::usage, "empty value", said->where);
  if (!is_ascii(said->text))
    throw fail(exit_code::usage, "not a host name", said->where + " " + in_quotes(said->text), ascii_hint);
  opts.host_is_service = said->text == "service";
  if (!opts.host_is_service) opts.host = value_or_refuse(*said, host_from_text(said->text));
}

void interpret_check(options& opts, const layers& all) {
  for (const std::string_view option : {"path", "head", "expect", "tls", "header"}) {
    const setting* said = all.last(option);
    if (said != nullptr && opts.check != probe_kind::http)
      throw fail(exit_code::usage, "makes no sense without --check http", said->where);
  }
  if (const setting* said = all.last("path")) opts.path = value_or_refuse(*said, path_from_text(said->text));
  if (const setting* said = all.last("expect"))
    opts.expected_statuses = value_or_refuse(*said, statuses_from_text(said->text));
  opts.head_only = all.flag("head");
  opts.all_addresses = all.flag("all-addresses");
}

std::string see_help(const options& opts) { return "see sd-connect " + opts.command + " --help"; }

void interpret_waiting(options& opts, const layers& all) {
  if (all.flag("wait")) opts.wait = waiting::seen;
  const setting* said = all.last("wait-gone");
  if (said == nullptr) return;
  if (opts.wait == waiting::seen) throw fail(exit_code::usage, "makes no sense with --wait", said->where);
  opts.wait = waiting::gone;
  opts.gone = value_or_refuse(*said, host_and_port_from_text(said->text));
}

void interpret_demo(options& opts, const layers& all) {
  opts.once = all.flag("once");
  if (const setting* said = all.last("zone")) {
    if (said->text.empty()) throw fail(exit_code::usage, "empty value", said->where);
    opts.zone_file = said->text;
  }
  const setting* said = all.last("origin");
  if (said == nullptr) return;
  if (opts.zone_file.empty()) throw fail(exit_code::usage, "makes no sense without --zone FILE", said->where);
  const result<name> origin = name::from_text(said->text);
  if (!origin) refuse(*said, {origin.error().message(), "a domain name like example.com"});
  opts.origin = *origin;
}

/// Whether the words behind `--` are a command to run.
bool takes_command(const options& opts) {
  return opts.command == "exec" || (opts.command == "check" && opts.check == probe_kind::exec);
}

/// Sets which certificates to accept: of name servers, and of endpoints in `get --tls`.
void interpret_servers(options& opts, const layers& all, const std::vector<zone_servers>& zones) {
  tls_trust trust;
  const setting* ca = all.last("ca");
  if (ca != nullptr && ca->text.empty()) throw fail(ca->blame, "empty value", ca->where);
  if (ca != nullptr) opts.ca_file = trust.ca_file = ca->text;
  const std::vector<setting>& pins = all.all("tls-pin");
  for (const setting& said : pins) {
    const result<key_pin> pin = key_pin::from_text(said.text);
    if (!pin) refuse(said, {pin.error().message(), "sha256// and the SHA-256 of the public key in base64"});
    trust.pins.push_back(*pin);
  }
  opts.server_sets = server_sets_from(all.all("server"), zones, trust);
  if (has_tls_server(opts.server_sets)) {
    if (!trust.ca_file.empty()) require_ca_file(trust.ca_file);
    return;
  }
  // A configuration file may set these for the commands that use them.
  if (ca != nullptr && ca->blame == exit_code::usage && !speaks_tls(opts))
    throw fail(exit_code::usage, "makes no sense without --tls or a tls:// name server", ca->where);
  if (!pins.empty() && pins.front().blame == exit_code::usage)
    throw fail(exit_code::usage, "makes no sense without a tls:// name server", pins.front().where);
}

/// Whether the words behind `--` include a command to run: not if they begin with the SERVICE.
bool has_command_behind(const arguments& given) {
  if (!given.behind || given.behind->empty()) return false;
  return !given.words.empty() || is_given_by_parts(given.flags) ||
         (given.behind->size() > 1 && (*given.behind)[1] == "--");
}

/// Interprets the words behind `--`: the command of exec and check, else ordinary words that are
/// not parsed as options.
void interpret_behind(options& opts, const arguments& given, words_left& words) {
  if (!given.behind) return;
  std::vector<std::string> behind = *given.behind;
  if (!takes_command(opts)) {
    words.insert(words.end(), behind.begin(), behind.end());
    return;
  }
  // exec -- SERVICE -- COMMAND, for a SERVICE that looks like an option.
  if (words.empty() && !is_given_by_parts(given.flags) && behind.size() > 1 && behind[1] == "--") {
    words.push_back(behind.front());
    behind.erase(behind.begin(), behind.begin() + 2);
  }
  opts.command_line = std::move(behind);
}

/// Whether the command reads its words itself.
bool has_own_words(const options& opts, const layers& all) {
  constexpr std::string_view commands[] = {"forward", "proxy", "status", "config"};
  return std::ranges::find(commands, opts.command) != std::end(commands) ||
         (opts.command == "exec" && all.flag("proxy"));
}

/// `exec` and `exec --proxy` share a name, but few options. What a configuration file says is for
/// the one that uses it.
void check_exec_options(const settings& flags) {
  constexpr std::string_view of_proxy[] = {"socks", "map", "srv-ports", "allow-loopback"};
  constexpr std::string_view of_service[] = {"zone",    "service", "protocol",     "service-version", "instance",
                                             "subtype", "txt",     "default-port", "next-on-failure"};
  const bool is_proxy = flags.contains("proxy");
  for (const std::string_view option : is_proxy ? std::span<const std::string_view>(of_service) : of_proxy) {
    const auto said = flags.find(option);
    if (said == flags.end()) continue;
    throw fail(exit_code::usage, is_proxy ? "makes no sense with --proxy" : "makes no sense without --proxy",
               said->second.back().where);
  }
}

void interpret_command(options& opts, const arguments& given, const layers& all, words_left& words) {
  if (opts.command == "exec") check_exec_options(given.flags);
  if (has_own_words(opts, all)) {
    opts.words.assign(words.begin(), words.end());
    words.clear();
    opts.query = service_query();
    apply_common(*opts.query, opts, all);
    return;
  }
  if (opts.command == "demo") {
    interpret_demo(opts, all);
  } else if (opts.command == "browse") {
    interpret_browse(opts, given.flags, words);
    if (opts.query) apply_common(*opts.query, opts, all);
  } else {
    asked_service asked = service_from(opts.command, given.flags, words);
    opts.query = std::move(asked.query);
    apply_common(*opts.query, opts, all);
    apply_url(opts, asked.text, all, words);
  }
  if (opts.command == "get") interpret_get(opts, all, words);
  if (opts.command == "check") interpret_check(opts, all);
  interpret_waiting(opts, all);
  opts.next_on_failure = all.flag("next-on-failure");
  for (const setting& said : all.all("header"))
    opts.headers.push_back(value_or_refuse(said, header_from_text(said.text)));
  interpret_tls(opts, all);
  interpret_host(opts, all);
  if (const setting* said = all.last("count")) {
    const bool are_kept = opts.command == "pick" && opts.policy == selection_policy::least_loaded;
    const std::uint64_t count =
        value_or_refuse(*said, number_from_text(said->text, 1, are_kept ? most_in_flight : most_picks));
    if (opts.command == "pick")
      opts.picks = count;
    else
      opts.most_changes = count;
  }
  if (const setting* said = all.last("min-interval"))
    opts.min_interval = value_or_refuse(*said, duration_from_text(said->text));
}

std::string hint_for_unexpected(const options& opts, const arguments& given) {
  if (takes_command(opts)) return "put -- before the command to run";
  if (opts.command == "check" && has_command_behind(given)) return "only --check exec runs a command";
  if (given.flags.contains("same-domain")) return "write the domain with '=': --same-domain=DOMAIN";
  return see_help(opts);
}

}  // namespace

bool asks_for_json(const invocation& said) {
  const layers saying = layers_of(said).strongest_with({"json", "output"});
  const setting* format = saying.last("output");
  return saying.flag("json") || (format != nullptr && is_json(*format));
}

options interpret(const invocation& said) {
  const arguments& given = said.given;
  const layers all = layers_of(said);
  options opts;
  opts.command = said.command;
  interpret_common(opts, all);

  // check SERVICE -- COMMAND
  if (opts.command == "check" && all.last("check") == nullptr && has_command_behind(given))
    opts.check = probe_kind::exec;
  words_left words(given.words.begin(), given.words.end());
  interpret_behind(opts, given, words);
  interpret_command(opts, given, all, words);
  if (!words.empty())
    throw fail(exit_code::usage, "unexpected argument", in_quotes(words.front()), hint_for_unexpected(opts, given));
  if (takes_command(opts) && opts.command_line.empty())
    throw fail(
        exit_code::usage, "no command to run", opts.command,
        opts.command == "exec" ? "exec SERVICE -- COMMAND [ARG...]" : "check SERVICE --check exec -- COMMAND [ARG...]");

  // Comes last because it reads a zone file: usage errors come first.
  const bool overridden = given.flags.contains("server") || said.from_environment.contains("server");
  const std::vector<zone_servers> zones = zones_from(said.from_file.tables);
  interpret_servers(opts, all, overridden ? std::vector<zone_servers>() : zones);
  return opts;
}

}  // namespace sdconnect::cli
