#include "sd-connect/explain/explain.hpp"

#include "net/base/printable.hpp"
#include "sd-connect/explain/explain_decision.hpp"
#include "sd-connect/explain/json_explanation.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "text/names.hpp"
#include "text/table.hpp"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace sdconnect::cli {
namespace {

// The text names at most this many; JSON names more.
constexpr std::size_t additional_named = 50;

double in_ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; }

void tell_attempt(std::string& text, const query_attempt& attempt) {
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "    {} over {}: {} after {:.1f} ms", detail::escaped(attempt.server),
                 to_string(attempt.transport), attempt.result ? attempt.result.message() : "answered",
                 in_ms(attempt.elapsed));
  for (const extended_error& e : attempt.extended_errors) fmt::format_to(out, ", {}", to_string(e));
  if (attempt.discarded > 0) fmt::format_to(out, ", {} foreign datagrams dropped", attempt.discarded);
  text += '\n';
}

void tell_query(std::string& text, const query_report& report) {
  const std::string outcome =
      report.status ? report.status.message()
                    : fmt::format("{} record{}", report.record_count, report.record_count == 1 ? "" : "s");
  std::string origin = report.from_cache ? " from the cache" : "";
  if (report.from_cache && !report.server.empty()) origin += ", once told by " + detail::escaped(report.server);
  for (const extended_error& e : report.cached_errors) origin += ", " + to_string(e);
  fmt::format_to(std::back_inserter(text), "  {}: {}{}\n", to_string(report.asked), outcome, origin);
  for (const query_attempt& attempt : report.attempts) tell_attempt(text, attempt);
}

/// Record sets that were used and not asked for.
void tell_additional(std::string& text, std::span<const question> sets) {
  text += "came along with these answers (additional records):\n";
  for (const question& q : sets.first(std::min(sets.size(), additional_named)))
    fmt::format_to(std::back_inserter(text), "  {}\n", to_string(q));
  if (sets.size() > additional_named)
    fmt::format_to(std::back_inserter(text), "  and {} more\n", sets.size() - additional_named);
}

std::string kind_text(const explanation& story) {
  switch (story.kind) {
    case service_kind::none: return "unknown: neither SRV nor PTR records were found";
    case service_kind::type: {
      const std::size_t count = story.instances.size();
      const std::size_t left_out = instances_left_out(story);
      return fmt::format("a service type (PTR records) with {} instance{} to be used{}", count, count == 1 ? "" : "s",
                         left_out == 0 ? "" : fmt::format(", {} left out by what was asked for", left_out));
    }
    case service_kind::instance: return "a service instance (SRV records at the name itself)";
    case service_kind::address:
      return "a host: neither SRV nor PTR records, so its own addresses with the default port";
  }
  return {};
}

void tell_endpoint(std::string& text, const endpoint& e, double share) {
  const std::string where = e.unresolved ? "unusable: " + e.unresolved.message() : joined(e.addresses);
  fmt::format_to(std::back_inserter(text), "    {:40}  weight {:5}  share {:>8}  {}\n", display(e), e.weight,
                 percentage(share), where);
}

void tell_tiers(std::string& text, const explanation& story) {
  const auto out = std::back_inserter(text);
  bool is_first = true;
  for (const std::span<const endpoint> tier : tiers_of(story.endpoints)) {
    fmt::format_to(out, "  priority {}{}, policy {}:\n", tier.front().priority,
                   is_first ? "" : " (when nothing before it can be reached)", to_string(story.policy));
    is_first = false;
    const std::vector<double> shares = first_choice_shares(tier, story.policy);
    for (std::size_t i = 0; i < tier.size(); ++i) tell_endpoint(text, tier[i], shares[i]);
  }
}

void tell_connect(std::string& text, const connect_attempt& attempt) {
  const std::string outcome = !attempt.result ? "connected"
                              : attempt.result == boost::asio::error::operation_aborted
                                  ? "given up, another attempt was faster"
                                  : attempt.result.message();
  const std::string address =
      attempt.address.is_v4() ? attempt.address.to_text() : '[' + attempt.address.to_text() + ']';
  fmt::format_to(std::back_inserter(text), "  at {:7.1f} ms  {}:{} ({}, priority {}): {} after {:.1f} ms\n",
                 in_ms(attempt.started), address, attempt.port, display(attempt.target), attempt.priority, outcome,
                 in_ms(attempt.elapsed));
}

}  // namespace

explanation explanation::of(const options& opts, error_code ec, const service& found) {
  return {.query = opts.query ? opts.query->qname : found.query,
          .kind = found.kind,
          .error = ec,
          .queries = found.queries,
          .queries_left_out = found.queries_left_out,
          .instances = found.instances,
          .endpoints = found.endpoints,
          .additional = found.additional,
          .warnings = found.warnings,
          .policy = opts.policy,
          .authenticated = found.authenticated,
          .complete = found.complete,
          .hash_key = opts.hash_key};
}

explanation explanation::of(const options& opts, error_code ec, const connection& made) {
  explanation story = of(opts, ec, *made.found);
  story.attempts = made.attempts;
  story.untried = made.untried;
  story.tell(made.plan);
  return story;
}

void explanation::tell(const attempt_plan& plan) {
  decision = plan.trace.get();
  order = plan.order;
}

explanation explanation::of(error_code ec, const browse_result& found) {
  return {.query = found.query,
          .is_browse = true,
          .error = ec,
          .queries = found.queries,
          .warnings = found.warnings,
          .authenticated = found.authenticated,
          .complete = found.complete};
}

std::size_t instances_left_out(const explanation& story) {
  if (story.kind != service_kind::type) return 0;
  std::size_t listed = 0;
  for (const query_report& report : story.queries) {
    if (report.asked.type == rr_type::ptr) listed = std::max(listed, report.record_count);
  }
  return listed - std::min(listed, story.instances.size());
}

void explain(const options& opts, const explanation& story) {
  const std::string text = opts.format == output_format::json ? explanation_json(story) : explanation_text(story);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string explanation_text(const explanation& story) {
  std::string text = "questions:\n";
  for (const query_report& report : story.queries) tell_query(text, report);
  if (story.queries_left_out > 0)
    fmt::format_to(std::back_inserter(text), "  and {} more, not listed\n", story.queries_left_out);
  if (!story.additional.empty()) tell_additional(text, story.additional);
  if (!story.is_browse) fmt::format_to(std::back_inserter(text), "{} is {}\n", story.query.to_text(), kind_text(story));
  if (story.authenticated) text += "DNSSEC: every answer was authenticated by a trusted name server (AD bit)\n";
  for (const std::string& warning : story.warnings) text += "warning: " + warning + '\n';
  if (!story.endpoints.empty()) {
    text += "endpoints:\n";
    tell_tiers(text, story);
  }
  // If health is known, it comes from the attempts, so the decision follows them.
  const bool is_decided_before = story.health.empty();
  if (story.decision != nullptr && is_decided_before) text += decision_text(story);
  if (!story.attempts.empty()) {
    text += "connecting:\n";
    for (const connect_attempt& attempt : story.attempts) tell_connect(text, attempt);
    for (const untried_endpoint& e : story.untried)
      fmt::format_to(std::back_inserter(text), "  untried: {}:{} (priority {})\n", display(e.target), e.port,
                     e.priority);
  }
  if (story.decision != nullptr && !is_decided_before) text += decision_text(story);
  if (story.error) text += "result: " + story.error.message() + '\n';
  return text;
}

}  // namespace sdconnect::cli
