#include "sd-connect/explain/failures.hpp"

#include "net/base/printable.hpp"
#include "sdconnect/connect/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace sdconnect::cli {
namespace {

// The failure line names at most three servers; --explain lists all.
constexpr std::size_t servers_named = 3;
constexpr std::size_t faults_named = 3;

std::string hint_for_no_data(const service_query& asked) {
  if (asked.version || asked.instance || asked.subtype)
    return "the name has no PTR records, so it is no service type; leave out -v, --instance and --subtype";
  if (asked.default_port) return "the name has no address, or none of the family asked for";
  return "the name has neither SRV nor PTR records; --default-port N would use its own addresses";
}

std::string hint_of(error_code ec, const options& opts) {
  const bool one_family = opts.query && opts.query->want_ipv4 != opts.query->want_ipv6;
  if (ec == boost::system::errc::too_many_files_open) return "raise the limit (ulimit -n)";
  if (ec.category() != sdconnect_category()) return {};
  switch (static_cast<errc>(ec.value())) {
    case errc::nxdomain: return "check the spelling, or ask another name server with --server";
    case errc::no_data: return opts.query ? hint_for_no_data(*opts.query) : "the name has no such records";
    case errc::service_unavailable: return "its owner has declared it out of service (SRV target \".\")";
    case errc::no_matching_instance: return "instances exist; widen --instance, --txt, --subtype or -v";
    case errc::query_timed_out:
      return fmt::format("try again, raise --timeout (now {} ms), or ask another name server with --server",
                         opts.timeout.count());
    case errc::server_failure:
    case errc::empty_answer: return "try again, or ask another name server with --server";
    case errc::server_refused: return "this server does not answer for that name; ask another with --server";
    case errc::network_failure: return "is a name server running there? name another with --server";
    case errc::truncated_no_tcp: return "let TCP port 53 through to the name server";
    case errc::no_name_servers: return "name one with --server or in /etc/resolv.conf";
    case errc::no_usable_endpoint:
      return one_family ? "the targets may have addresses of the other family; leave out -4 or -6"
                        : "the zone's SRV records need repair; --explain shows what is wrong with them";
    case errc::refused_address: return "the zone gives an address of no host (unspecified, multicast or broadcast)";
    case errc::malformed_message:
    case errc::alias_loop: return "the zone or its name server is broken; --explain shows the answers";
    case errc::out_of_domain: return "leave out --same-domain to allow it";
    case errc::not_authenticated:
      return "the name server has to validate DNSSEC and to be trusted: on loopback, over tls://, or trust-ad; or "
             "leave "
             "out --require-authenticated";
    case errc::unreachable: return "--explain shows each attempt";
    case errc::deadline_passed: return fmt::format("raise --timeout (now {} ms)", opts.timeout.count());
    default: return {};
  }
}

/// Returns "127.0.0.1#53 udp: DNS query timed out, ..." for the first query that failed with `ec`.
std::string story_of(std::span<const query_report> queries, error_code ec) {
  for (const query_report& report : queries) {
    if (report.status != ec) continue;
    std::string story = to_string(report.asked);
    std::size_t named = 0;
    for (const query_attempt& attempt : report.attempts) {
      if (!attempt.result) continue;
      if (named == servers_named) return story + ", ...";
      story += fmt::format("{}{}: {}", named++ == 0 ? " at " : ", ", detail::escaped(attempt.server),
                           attempt.result.message());
    }
    return story;
  }
  return {};
}

/// Returns what the resolver could not use, for errors that such data cause.
std::string faults_of(const service& found, error_code ec) {
  if (ec != condition::bad_peer && ec != condition::refused_by_policy) return {};
  std::string faults;
  std::size_t named = 0;
  for (const std::string& warning : found.warnings) {
    if (named == faults_named) return faults + ", ...";
    faults += (named++ == 0 ? "" : ", ") + warning;
  }
  return faults;
}

std::string where_of(std::string subject, const std::string& story, const std::string& server) {
  if (story.starts_with(subject)) return story;  // the query was about the subject itself
  if (!story.empty()) return subject + ": " + story;
  if (!server.empty()) return subject + " at " + detail::escaped(server);
  return subject;
}

}  // namespace

failure resolve_failure(const options& opts, error_code ec, const service& found) {
  const condition transient = condition::transient;
  // A negative answer comes from one server for one name; an unknown result needs the list of
  // servers that did not answer.
  const std::string story = ec == transient ? story_of(found.queries, ec) : std::string();
  // The type lists this instance, and the instance itself is missing.
  const auto missing = std::ranges::find(found.instances, ec, &service_instance::status);
  const name& subject = missing == found.instances.end() ? found.query : missing->fullname;
  std::string where = where_of(subject.to_text(), story, found.server);
  if (const std::string faults = faults_of(found, ec); !faults.empty()) where += ": " + faults;
  return fail(exit_code_of(ec), ec.message(), where, hint_of(ec, opts));
}

failure browse_failure(const options& opts, error_code ec, const browse_result& found) {
  const std::string story = ec == condition::transient ? story_of(found.queries, ec) : std::string();
  std::string hint = hint_of(ec, opts);
  if (ec == errc::no_data) hint = "the name has no PTR records";
  return fail(exit_code_of(ec), ec.message(), where_of(found.query.to_text(), story, found.server), hint);
}

failure connect_failure(const options& opts, error_code ec, const connection& tried) {
  if (tried.attempts.empty()) return resolve_failure(opts, ec, *tried.found);
  const std::string name = opts.query ? opts.query->qname.to_text() + ": " : std::string();
  return fail(exit_code_of(ec), ec.message(), name + describe_attempts(tried), hint_of(ec, opts));
}

void warn(const options& opts, std::string_view text) {
  if (!opts.quiet) print_failure("warning: " + std::string(text));
}

}  // namespace sdconnect::cli
