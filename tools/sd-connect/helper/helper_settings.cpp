#include "sd-connect/helper/helper_settings.hpp"

#include "net/io/read_file.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/choice.hpp"
#include "sd-connect/commands/finding.hpp"
#include "sd-connect/options/interpret.hpp"
#include "sd-connect/options/service_text.hpp"
#include "sd-connect/options/setting_value.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <limits>
#include <sys/stat.h>

namespace sdconnect::cli {
namespace {

using namespace std::chrono_literals;
using helper::forward_options;
using helper::listen_address;
using helper::listen_kind;

constexpr std::chrono::minutes keep_fresh{5};
constexpr std::uint64_t most_clients = 1'000'000, most_threads = 64;
constexpr std::uint16_t socks_port = 1080;
constexpr std::size_t largest_secret = 4096;

void check_transport(const forward_options& f, const setting& said) {
  const bool is_udp = split_service_name(f.service)->udp;
  if (is_udp && f.at.kind != listen_kind::udp)
    refuse(said, {"a service over UDP", "write udp: before the port, udp:5353=" + f.service.to_text()});
  if (!is_udp && f.at.kind == listen_kind::udp) refuse(said, {"a service over TCP", "leave out udp:"});
}

listen_address listen_address_of(const setting& said) {
  return value_or_refuse(said, helper::listen_address_from_text(said.text));
}

/// [ADDR:]PORT=SERVICE
forward_options forward_from_word(const std::string& word) {
  const setting said{word, "forward", exit_code::usage};
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos)
    refuse(said, {"not ADDR=SERVICE", "like 5432=_postgresql._tcp.example.com or unix:PATH=SERVICE"});
  forward_options out;
  out.at = listen_address_of({word.substr(0, equals), said.where, said.blame});
  out.service = service_of({word.substr(equals + 1), said.where, said.blame});
  check_transport(out, said);
  return out;
}

bool flag_of(const config_table& table, std::string_view key) {
  const std::vector<setting>& values = table.all(key);
  return !values.empty() && values.back().text == "true";
}

void add_forwards_of_file(std::vector<forward_options>& out, const invocation& said) {
  for (const config_table& table : said.from_file.tables) {
    if (table.of != "forward") continue;
    if (table.all("service").empty())
      throw fail(exit_code::configuration, "forward without service", table.place,
                 "service = \"_http._tcp.example.com\"");
    const setting& service = table.all("service").back();
    for (const setting& listen : table.all("listen")) {
      forward_options f{.at = listen_address_of(listen),
                        .service = service_of(service),
                        .proxy_protocol = flag_of(table, "proxy-protocol"),
                        .affinity = flag_of(table, "affinity")};
      check_transport(f, service);
      out.push_back(std::move(f));
    }
  }
}

/// The first line of a file. A file that others may read is refused, as ssh does.
std::string secret_from(const setting& file) {
  struct stat status {};
  if (::stat(file.text.c_str(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077U) != 0)
    throw fail(exit_code::refused, "other users may read the file", file.where + " " + in_quotes(file.text),
               "chmod 600");
  const result<std::string> text = detail::read_file(file.text, largest_secret, detail::file_kind::any);
  if (!text)
    throw fail(exit_code::no_input, "cannot read the file", file.where + " " + in_quotes(file.text),
               text.error().message());
  std::string line = text->substr(0, text->find('\n'));
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) throw fail(exit_code::no_input, "empty first line", file.where + " " + in_quotes(file.text));
  return line;
}

helper::credentials credentials_from(const setting& file) {
  const std::string line = secret_from(file);
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos || colon == 0)
    throw fail(exit_code::no_input, "no USER:PASSWORD", file.where + " " + in_quotes(file.text));
  if (colon > 255 || line.size() - colon - 1 > 255)
    throw fail(exit_code::no_input, "user name or password too long", file.where + " " + in_quotes(file.text),
               "SOCKS5 allows 255 octets for each");
  return {line.substr(0, colon), line.substr(colon + 1)};
}

void set_routes(helper::route_options& routes, const layers& all) {
  for (const setting& said : all.all("allow")) {
    const result<name> domain = name::from_text(said.text);
    if (!domain) refuse(said, {domain.error().message(), "a domain name like example.com"});
    routes.allowed.push_back(*domain);
  }
  for (const setting& said : all.all("map"))
    routes.mappings.push_back(value_or_refuse(said, helper::host_mapping_from_text(said.text)));
  if (const setting* said = all.last("srv-ports"))
    routes.ports = value_or_refuse(*said, helper::srv_ports_from_text(said->text));
  routes.allow_direct = all.flag("allow-direct");
}

void set_times(helper::helper_options& out, const layers& all) {
  if (const setting* said = all.last("idle-timeout"))
    out.idle_timeout = value_or_refuse(*said, duration_from_text(said->text));
  if (const setting* said = all.last("drain")) out.drain = value_or_refuse(*said, duration_from_text(said->text));
  if (const setting* said = all.last("drain-removed"))
    out.drain_removed = said->text == "0" ? 0ms : value_or_refuse(*said, duration_from_text(said->text));
  out.stop_accepting = all.flag("stop-accepting");
  if (const setting* said = all.last("max-clients"))
    out.max_clients = value_or_refuse(*said, number_from_text(said->text, 1, most_clients));
  if (const setting* said = all.last("max-rate"))
    out.max_rate = value_or_refuse(*said, number_from_text(said->text, 1, std::numeric_limits<std::uint32_t>::max()));
  if (const setting* said = all.last("threads"))
    out.threads = static_cast<unsigned>(value_or_refuse(*said, number_from_text(said->text, 1, most_threads)));
}

// FAULTS L26, L27.
void require_local(const helper::helper_options& out, const layers& all) {
  const bool may_be_any = all.flag("listen-any");
  const auto check = [&](const listen_address& at, bool is_proxy) {
    if (at.is_local()) return;
    if (!may_be_any)
      throw fail(exit_code::usage, "other hosts can reach this address", at.to_text(), "--listen-any allows that");
    if (is_proxy && !out.required)
      throw fail(exit_code::usage, "a proxy that other hosts can reach needs --auth-file", at.to_text());
  };
  for (const forward_options& f : out.forwards) check(f.at, false);
  for (const listen_address& at : out.proxies) check(at, true);
  if (out.status && !out.status->is_local())
    throw fail(exit_code::usage, "the status page is for this host only", out.status->to_text(),
               "use a loopback address");
}

void set_listeners(helper::helper_options& out, const invocation& said, const layers& all,
                   const std::vector<std::string>& words) {
  if (said.command == "forward") {
    for (const std::string& word : words) out.forwards.push_back(forward_from_word(word));
    for (forward_options& f : out.forwards) {
      f.affinity = all.flag("affinity");
      f.proxy_protocol = all.flag("proxy-protocol");
    }
    if (words.empty()) add_forwards_of_file(out.forwards, said);
    if (out.forwards.empty())
      throw fail(exit_code::usage, "nothing to forward", "no ADDR=SERVICE and no [[forward]] in the configuration",
                 "like sd-connect forward 5432=_postgresql._tcp.example.com");
  } else if (said.command == "proxy") {
    if (!words.empty())
      throw fail(exit_code::usage, "unexpected argument", in_quotes(words.front()), "see sd-connect proxy --help");
    add_forwards_of_file(out.forwards, said);
    for (const setting& at : all.all("listen")) {
      out.proxies.push_back(listen_address_of(at));
      if (out.proxies.back().kind == listen_kind::udp) refuse(at, {"a proxy has no UDP", "PORT or unix:PATH"});
    }
    if (out.proxies.empty()) {
      out.proxies = {{.port = socks_port}, {.address = *ip_address::from_text("::1"), .port = socks_port}};
      out.default_proxies = true;
    }
  }
  if (const setting* at = all.last("status")) {
    out.status = listen_address_of(*at);
    if (out.status->kind != listen_kind::tcp) refuse(*at, {"not ADDR:PORT", "like 127.0.0.1:1088"});
  }
}

std::string asking_text(const invocation& said, const layers& all) {
  constexpr std::string_view options[] = {"server",         "ca",
                                          "tls-pin",        "tcp",
                                          "ipv4",           "ipv6",
                                          "timeout",        "connect-timeout",
                                          "policy",         "hash-key",
                                          "seed",           "same-domain",
                                          "randomize-case", "require-authenticated",
                                          "allow-direct",   "allow-loopback",
                                          "drain-removed"};
  std::string out;
  const auto add = [&](std::string_view key, const std::vector<setting>& values) {
    for (const setting& v : values) out += std::string(key) + '=' + v.text + '\n';
  };
  for (const std::string_view option : options) add(option, all.all(option));
  for (const config_table& table : said.from_file.tables) {
    if (table.of == "zone") add(table.name, table.all("server"));
  }
  return out;
}

}  // namespace

name service_of(const setting& said) {
  const service_text text = read_service_text(said.where, said.text);
  const result<name> service = name::from_text(text.name);
  if (!service) refuse(said, {service.error().message(), "a service name like _http._tcp.example.com"});
  if (!split_service_name(*service))
    refuse(said, {"not a service name", "it has a label _tcp or _udp: _http._tcp.example.com"});
  return *service;
}

helper_settings helper_settings_of(const invocation& said) {
  helper_settings out;
  const auto common = std::make_shared<const options>(interpret(said));
  out.common = common;
  const layers all = layers_of(said);
  helper::helper_options& h = out.helper;
  set_listeners(h, said, all, common->words);
  set_routes(h.routes, all);
  set_times(h, all);
  if (const setting* file = all.last("auth-file")) h.required = credentials_from(*file);
  if (const setting* file = all.last("token-file")) h.token = secret_from(*file);
  h.allow_loopback = all.flag("allow-loopback");
  h.is_asked_locally = [common](const name& n) -> bool { return is_asked_locally(*common, n); };
  require_local(h, all);

  h.wishes = *common->query;
  h.wishes.want_txt = false;
  h.connecting.connecting.attempt_timeout = common->connect_timeout;
  h.connecting.connecting.use_ipv4 = common->query->want_ipv4;
  h.connecting.connecting.use_ipv6 = common->query->want_ipv6;
  h.connecting.balancing = balancing(*common);
  h.connecting.balancing.drain_deadline = h.drain_removed;
  h.connecting.keep_fresh = keep_fresh;
  out.asking = asking_text(said, all);
  if (const setting* format = all.last("log")) {
    const auto choice = value_or_refuse(*format, choice_from_text(format->text, "text|json"));
    out.log.format = choice == 1 ? log_format::json : log_format::text;
  }
  if (common->verbose) out.log.threshold = log_level::debug;
  if (common->quiet) out.log.threshold = log_level::warning;
  return out;
}

}  // namespace sdconnect::cli
