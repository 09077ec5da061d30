#include "sd-connect/explain/failures.hpp"

#include "net/base/printable.hpp"
#include "sd-connect/explain/failure_hints.hpp"
#include "sdconnect/connect/connector.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

namespace sdconnect::cli {
namespace {

// The failure line names at most so many; --explain lists all.
constexpr std::size_t servers_named = 3;
constexpr std::size_t faults_named = 3;
constexpr std::size_t instances_named = 8;

/// What failed and where; the hint follows from the error.
struct account {
  std::string what;
  std::string where;
  std::string hint;

  [[nodiscard]] failure as_failure(error_code ec) const { return fail(exit_code_of(ec), what, where, hint); }
};

std::string at_server(const std::string& server) { return server.empty() ? "" : " at " + detail::escaped(server); }

/// Joins at most `most` texts, and counts the rest.
std::string enumerated(std::span<const std::string> texts, std::size_t most) {
  std::string all;
  for (std::size_t i = 0; i < std::min(texts.size(), most); ++i) all += (i == 0 ? "" : ", ") + texts[i];
  return texts.size() > most ? fmt::format("{} and {} more", all, texts.size() - most) : all;
}

/// " (EDE 7 (Signature Expired): text)" for each.
std::string said(std::span<const extended_error> errors) {
  std::string all;
  for (const extended_error& e : errors) all += (all.empty() ? " (" : ", ") + to_string(e);
  return all.empty() ? all : all + ')';
}

/// What the name servers say to the queries that ended with `ec` (RFC 8914), each once.
std::string said(std::span<const query_report> queries, error_code ec) {
  std::vector<extended_error> all;
  for (const query_report& report : queries) {
    if (report.status != ec) continue;
    for (extended_error& e : extended_errors_of(report)) {
      const bool is_new = std::ranges::find(all, e) == all.end();
      if (is_new && all.size() < max_extended_errors) all.push_back(std::move(e));
    }
  }
  return said(all);
}

/// The failed attempts of a query, equal ones once: "SERVER over UDP: what (EDE ...)". Without
/// transport and result if they are the same for all, and the message names the result already.
std::vector<std::string> attempts_of(const query_report& report, error_code ec) {
  const auto is_as_first = [&](const query_attempt& a) {
    return a.result == ec && a.transport == report.attempts.front().transport;
  };
  const bool is_same = std::ranges::all_of(report.attempts, is_as_first);
  std::vector<std::string> attempts;
  for (const query_attempt& attempt : report.attempts) {
    if (!attempt.result) continue;
    std::string text = detail::escaped(attempt.server);
    const bool is_file = attempt.transport == dns_transport::file;
    if (!is_same && !is_file) text += " over " + std::string(to_string(attempt.transport));
    if (!is_same) text += ": " + attempt.result.message();
    text += said(attempt.extended_errors);
    if (std::ranges::find(attempts, text) == attempts.end()) attempts.push_back(std::move(text));
  }
  return attempts;
}

/// Position of a type in the order in which the walk depends on them.
int rank_of(rr_type type) noexcept {
  constexpr rr_type order[] = {rr_type::srv, rr_type::ptr, rr_type::txt, rr_type::a, rr_type::aaaa};
  return static_cast<int>(std::ranges::find(order, type) - std::begin(order));
}

/// The query to tell of: queries for one name end in any order, and the message must not depend on it.
const query_report* failed_query(std::span<const query_report> queries, error_code ec) {
  const query_report* chosen = nullptr;
  for (const query_report& report : queries) {
    if (report.status != ec) continue;
    const bool is_earlier = chosen != nullptr && report.asked.qname == chosen->asked.qname &&
                            rank_of(report.asked.type) < rank_of(chosen->asked.type);
    if (chosen == nullptr || is_earlier) chosen = &report;
  }
  return chosen;
}

/// Returns "_x._tcp.example.com. SRV at 127.0.0.1#53 over UDP: DNS query timed out, ..." for the
/// first query that failed with `ec`.
std::string story_of(std::span<const query_report> queries, error_code ec) {
  const query_report* const report = failed_query(queries, ec);
  if (report == nullptr) return {};
  const std::vector<std::string> attempts = attempts_of(*report, ec);
  const std::string asked = to_string(report->asked);
  if (attempts.empty()) return asked + at_server(report->server) + said(report->cached_errors);
  return asked + " at " + enumerated(attempts, servers_named);
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
  return subject + at_server(server);
}

/// Why an instance has no endpoint, if DNS knows that it has none.
std::string reason_of(const service_instance& instance) {
  const std::string name = instance.fullname.to_text();
  if (instance.status == errc::nxdomain) return name + " does not exist";
  if (instance.status == errc::service_unavailable) return name + " has the SRV target \".\"";
  return name + " has no SRV record";
}

/// The queried name, also if the time was over before anything was found.
const name& subject_of(const options& opts, const service& found) {
  return found.query.is_root() && opts.query ? opts.query->qname : found.query;
}

std::string joining_hint(const options& opts) {
  const std::string hint = "an endpoint joins by a SRV record at that name";
  return opts.command == "watch" ? hint : hint + "; 'sd-connect watch' waits for it";
}

/// The type lists instances, or the query names one, and none of them has an endpoint.
account without_endpoints(const options& opts, error_code ec, const service& found) {
  std::vector<std::string> reasons;
  for (const service_instance& instance : found.instances) {
    if (instance.status) reasons.push_back(reason_of(instance));
  }
  const bool is_declared = ec == errc::service_unavailable;
  return {is_declared ? ec.message() : "no endpoint has joined",
          enumerated(reasons, faults_named) + at_server(found.server) + said(found.queries, ec),
          is_declared ? hint_of(ec, opts, found, found.query) : joining_hint(opts)};
}

/// The name exists and has neither SRV nor PTR records.
account without_records(const options& opts, error_code ec, const service& found) {
  const name& subject = subject_of(opts, found);
  const auto parts = split_service_name(subject);
  const bool is_of_type = opts.query && (opts.query->version || opts.query->instance || opts.query->subtype);
  const bool is_instance = parts && parts->type == subject.parent() && !is_of_type;
  const std::string name = subject.to_text();
  const std::string server = at_server(found.server) + said(found.queries, ec);
  if (found.kind == service_kind::address) {
    const std::string host = found.endpoints.empty() ? name : found.endpoints.front().target.to_text();
    return {ec.message(), host + " has no address" + server, hint_of(ec, opts, found, subject)};
  }
  if (is_instance) {
    const std::string hint = multicast_hint(ec, subject);
    return {"no endpoint has joined", name + " has no SRV record" + server, hint.empty() ? joining_hint(opts) : hint};
  }
  return {ec.message(), name + (is_of_type ? " has no PTR record" : " has neither SRV nor PTR records") + server,
          hint_of(ec, opts, found, subject)};
}

/// The type exists, and the conditions exclude all of its instances.
account without_match(const options& opts, error_code ec, const service& found) {
  std::vector<std::string> labels;
  for (const name& instance : found.left_out) labels.push_back(in_quotes(instance.first_label()));
  std::string where = subject_of(opts, found).to_text();
  if (!labels.empty()) {
    labels.resize(std::max(labels.size(), found.left_out_count));
    where += fmt::format(" has the instance{} {}", labels.size() == 1 ? "" : "s", enumerated(labels, instances_named));
  }
  return {ec.message(), where + at_server(found.server), hint_of(ec, opts, found, found.query)};
}

account discovery_account(const options& opts, error_code ec, const service& found) {
  const bool is_absent = ec == condition::absent;
  if (ec == errc::no_matching_instance) return without_match(opts, ec, found);
  if (is_absent && !found.instances.empty() && found.endpoints.empty()) return without_endpoints(opts, ec, found);
  if (ec == errc::no_data || (is_absent && found.kind == service_kind::address))
    return without_records(opts, ec, found);

  // A negative answer comes from one server for one name; an unknown result needs the list of
  // servers that did not answer.
  const std::string story = is_absent ? std::string() : story_of(found.queries, ec);
  const name& subject = subject_of(opts, found);
  std::string where = where_of(subject.to_text(), story, found.server);
  if (story.empty()) where += said(found.queries, ec);
  const std::string faults = faults_of(found, ec);
  const auto target = std::ranges::find(found.endpoints, ec, &endpoint::unresolved);
  if (story.empty() && faults.empty() && target != found.endpoints.end())
    where += ": target " + target->target.to_text();
  if (!faults.empty()) where += ": " + faults;
  return {ec.message(), where, hint_of(ec, opts, found, subject)};
}

}  // namespace

failure resolve_failure(const options& opts, error_code ec, const service& found) {
  return discovery_account(opts, ec, found).as_failure(ec);
}

failure browse_failure(const options& opts, error_code ec, const browse_result& found) {
  service asked;
  asked.query = found.query;
  const std::string story = ec == condition::absent ? std::string() : story_of(found.queries, ec);
  std::string where = where_of(found.query.to_text(), story, found.server);
  if (ec == errc::no_data) where = found.query.to_text() + " has no PTR record" + at_server(found.server);
  if (story.empty()) where += said(found.queries, ec);
  if (ec == errc::no_usable_endpoint)
    return fail(exit_code_of(ec), "no usable PTR record", where, "the zone's PTR records need repair");
  asked.queries = found.queries;
  return fail(exit_code_of(ec), ec.message(), where, hint_of(ec, opts, asked, found.query));
}

failure connect_failure(const options& opts, error_code ec, const connection& tried) {
  if (tried.attempts.empty()) return resolve_failure(opts, ec, *tried.found);
  const std::string name = opts.query ? opts.query->qname.to_text() + ": " : std::string();
  const std::string untried = describe_untried(tried);
  const std::string hint = tried.restraint.deadline && !untried.empty()
                               ? hint_of(errc::deadline_passed, opts, *tried.found, tried.found->query)
                               : hint_of(ec, opts, *tried.found, tried.found->query);
  return fail(exit_code_of(ec), ec.message(),
              name + describe_attempts(tried) + (untried.empty() ? untried : "; " + untried), hint);
}

void warn(const options& opts, std::string_view text) {
  if (!opts.quiet) print_failure("warning: " + std::string(text));
}

}  // namespace sdconnect::cli
