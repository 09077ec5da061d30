#include "sd-connect/explain/failure_hints.hpp"

#include "sdconnect/dns/service_name.hpp"
#include "sdconnect/transport/resolv_conf.hpp"
#include "text/names.hpp"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>

namespace sdconnect::cli {
namespace {

constexpr const char* ask_another = "ask another name server with --server";

std::string in_seconds(std::chrono::milliseconds time) {
  const auto ms = time.count();
  return ms % 1000 == 0 ? fmt::format("{}s", ms / 1000) : fmt::format("{}ms", ms);
}

/// "--instance and --txt": the conditions on instances that the user gave.
std::string conditions_of(const service_query& asked) {
  std::vector<std::string_view> given;
  if (asked.version) given.push_back("-v");
  if (asked.instance) given.push_back("--instance");
  if (asked.subtype) given.push_back("--subtype");
  if (!asked.txt.empty()) given.push_back("--txt");
  std::string text;
  for (std::size_t i = 0; i < given.size(); ++i)
    text += (i == 0 ? "" : i + 1 == given.size() ? " and " : ", ") + std::string(given[i]);
  return text;
}

/// The option that restricts the address family, if one was given.
std::string_view family_option(const options& opts) {
  if (!opts.query || opts.query->want_ipv4 == opts.query->want_ipv6) return {};
  return opts.query->want_ipv4 ? "-4" : "-6";
}

/// Whether `browse` asks which service types a zone has.
bool asks_for_types(const options& opts) { return opts.command == "browse" && !opts.browse_type && !opts.domains; }

std::string hint_for_types(const options& opts) {
  return fmt::format("the zone does not list its types; name one: sd-connect browse _http._tcp.{}",
                     opts.zone ? display(*opts.zone) : "example.com");
}

std::string hint_for_no_data(const options& opts, const name& subject) {
  if (asks_for_types(opts)) return hint_for_types(opts);
  if (!opts.query || opts.command == "browse") return "it lists no instances; 'sd-connect resolve' shows what it is";
  const service_query& asked = *opts.query;
  if (asked.version || asked.instance || asked.subtype)
    return fmt::format("it lists no instances; leave out {}", conditions_of(asked));
  if (asked.default_port) {
    const std::string_view family = family_option(opts);
    return family.empty() ? "check the spelling"
                          : fmt::format("it may have addresses of the other family: leave out {}", family);
  }
  const auto parts = split_service_name(subject);
  // --default-port asks for addresses of hosts only.
  if (!parts) return is_host_name(subject) ? "--default-port N would use its own addresses" : "check the spelling";
  if (parts->type != subject) return {};
  if (!is_host_name(parts->domain)) return "check the spelling";
  return "check the spelling; --default-port N would use the addresses of " + display(parts->domain);
}

std::string hint_for_nxdomain(const options& opts, const name& subject) {
  if (asks_for_types(opts)) return hint_for_types(opts);
  const auto parts = split_service_name(subject);
  if (parts && parts->type == subject.parent() && opts.command != "browse")
    return fmt::format("check the spelling; 'sd-connect browse {}' lists the instances there are",
                       display(parts->type));
  if (opts.query && opts.query->subtype) return "check the spelling, or leave out --subtype";
  return std::string("check the spelling, or ") + ask_another;
}

std::string hint_for_unusable(const options& opts, const service& found) {
  if (found.endpoints.empty()) return "the zone's SRV records need repair";
  for (const endpoint& e : found.endpoints) {
    if (std::string hint = multicast_hint(e.unresolved, e.target); !hint.empty()) return hint;
  }
  if (const std::string_view family = family_option(opts); !family.empty())
    return fmt::format("the targets may have addresses of the other family: leave out {}", family);
  return "the zone needs address records for the SRV targets, or other targets";
}

std::string hint_for_no_match(const options& opts, const service& found) {
  if (!opts.query || found.left_out.empty()) return "its PTR records name no instance that can be used";
  const std::string conditions = conditions_of(*opts.query);
  return fmt::format("none matches {}", conditions);
}

std::string hint_for_refused(const service& found) {
  const auto is_file = [](const query_report& report) {
    return std::ranges::any_of(report.attempts,
                               [](const query_attempt& a) { return a.transport == dns_transport::file; });
  };
  if (std::ranges::any_of(found.queries, is_file)) return "the zone file has another domain";
  return std::string("this server does not answer for that name; ") + ask_another;
}

std::string hint_for_silence(const options& opts) {
  return fmt::format("try again, raise --timeout (now {}), or {}", in_seconds(opts.timeout), ask_another);
}

/// Whether the stream was connected, and the name server ended it or said nothing useful.
bool is_broken_stream(const query_attempt& attempt) {
  namespace error = boost::asio::error;
  const error_code ec = attempt.result;
  return ec == condition::bad_peer || ec == error::connection_reset || ec == error::broken_pipe ||
         ec == errc::malformed_message || ec == errc::truncated || ec == errc::truncated_no_tcp;
}

/// "5353" of "192.0.2.1#5353".
std::string_view port_of_server(std::string_view server) {
  const auto mark = server.rfind('#');
  return mark == server.npos ? "53" : server.substr(mark + 1);
}

/// The attempts of the first query that ended with `ec`.
std::span<const query_attempt> attempts_of(const service& found, error_code ec) {
  const auto report = std::ranges::find(found.queries, ec, &query_report::status);
  return report == found.queries.end() ? std::span<const query_attempt>() : report->attempts;
}

std::string hint_for_truncated(const options& opts, const service& found) {
  const query_attempt* cut = nullptr;  // over UDP
  bool is_connected = false;
  for (const query_attempt& attempt : attempts_of(found, errc::truncated_no_tcp)) {
    if (attempt.transport == dns_transport::udp) {
      cut = &attempt;
      continue;
    }
    if (is_broken_stream(attempt))
      return std::string("the name server is broken: it gives no whole answer over TCP either; ") + ask_another;
    if (attempt.result == errc::query_timed_out) is_connected = true;
  }
  if (is_connected) return hint_for_silence(opts);
  return fmt::format("let TCP port {} through to the name server", cut == nullptr ? "53" : port_of_server(cut->server));
}

/// Whether the attempt went to the server that stands in for those that resolv.conf does not name.
bool is_stand_in(const options& opts, const query_attempt& attempt) {
  const auto is_for_all = [](const server_set& set) { return set.domain.is_root(); };
  if (attempt.server != "127.0.0.1#53" || std::ranges::any_of(opts.server_sets, is_for_all)) return false;
  const result<resolv_conf> conf = resolv_conf::load();
  return conf && conf->names_no_server;
}

std::string hint_for_unreachable(const options& opts, const service& found) {
  for (const query_attempt& attempt : attempts_of(found, errc::network_failure)) {
    if (is_stand_in(opts, attempt))
      return "/etc/resolv.conf names no name server, so this host was asked; name one there or with --server";
    if (attempt.transport != dns_transport::udp && is_broken_stream(attempt))
      return fmt::format("a server accepts connections there, and gives no answer over {}; {}",
                         to_string(attempt.transport), ask_another);
  }
  return std::string("is a name server running there? ") + ask_another;
}

}  // namespace

std::string multicast_hint(error_code ec, const name& subject) {
  static const name local = *name::from_text("local");
  const bool is_no = ec == errc::nxdomain || ec == errc::no_data || ec == errc::empty_answer ||
                     ec == errc::server_refused || ec == errc::server_failure;
  if (!is_no || !subject.is_at_or_below(local)) return {};
  return "many names below .local exist only in multicast DNS, which sd-connect does not speak; avahi-browse and "
         "dns-sd do";
}

std::string hint_of(error_code ec, const options& opts, const service& found, const name& subject) {
  if (ec == boost::system::errc::too_many_files_open) return "raise the limit (ulimit -n)";
  if (ec == condition::refused_by_policy && ec.category() != sdconnect_category())
    return "--ca FILE names the authority of the name server's certificate, tls://ADDR@NAME its name";
  if (ec.category() != sdconnect_category()) return {};
  if (std::string hint = multicast_hint(ec, subject); !hint.empty()) return hint;
  switch (static_cast<errc>(ec.value())) {
    case errc::nxdomain: return hint_for_nxdomain(opts, subject);
    case errc::no_data: return hint_for_no_data(opts, subject);
    case errc::service_unavailable: return "its owner has declared it out of service";
    case errc::no_matching_instance: return hint_for_no_match(opts, found);
    case errc::query_timed_out: return hint_for_silence(opts);
    case errc::server_failure: return std::string("try again, or ") + ask_another;
    case errc::empty_answer: return "this server does not look names up itself; name one that does with --server";
    case errc::server_refused: return hint_for_refused(found);
    case errc::network_failure: return hint_for_unreachable(opts, found);
    case errc::truncated_no_tcp: return hint_for_truncated(opts, found);
    case errc::no_name_servers: return "name one with --server or in /etc/resolv.conf";
    case errc::no_usable_endpoint: return hint_for_unusable(opts, found);
    case errc::refused_address: return "the zone gives an address of no host (unspecified, multicast or broadcast)";
    case errc::malformed_message: return std::string("the name server is broken; ") + ask_another;
    case errc::alias_loop: return "the zone needs repair: its aliases must end at a name";
    case errc::out_of_domain: return "leave out --same-domain, or name the domain to allow: --same-domain=DOMAIN";
    case errc::not_authenticated:
      return "the name server has to validate DNSSEC and to be trusted: on loopback, over tls://, or trust-ad; or "
             "leave out --require-authenticated";
    case errc::unreachable: return "is the service running, and its port open to here? --explain shows each attempt";
    case errc::deadline_passed: return fmt::format("raise --timeout (now {})", in_seconds(opts.timeout));
    default: return {};
  }
}

}  // namespace sdconnect::cli
