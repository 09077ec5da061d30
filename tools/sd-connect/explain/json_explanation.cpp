#include "sd-connect/explain/json_explanation.hpp"

#include "net/base/printable.hpp"
#include "sd-connect/explain/json_decision.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "text/json_parts.hpp"

namespace sdconnect::cli {
namespace {

std::string_view name_of(dns_transport transport) {
  switch (transport) {
    case dns_transport::udp: return "udp";
    case dns_transport::tcp: return "tcp";
    case dns_transport::tls: return "tls";
    case dns_transport::file: return "file";
  }
  return {};
}

json::array errors_of(std::span<const extended_error> errors) {
  return array_of(errors, [](const extended_error& e) -> json::value {
    const std::string_view known = extended_error_name(e.code);
    return json::object{{"code", e.code},
                        {"name", known.empty() ? json::value(nullptr) : json::value(known)},
                        {"text", detail::escaped(e.text)}};
  });
}

json::value query_of(const query_report& report) {
  const auto attempt_of = [](const query_attempt& attempt) -> json::value {
    return json::object{{"server", detail::escaped(attempt.server)},
                        {"transport", name_of(attempt.transport)},
                        {"error", text_or_null(attempt.result)},
                        {"elapsed_ms", in_ms(attempt.elapsed)},
                        {"discarded", attempt.discarded},
                        {"extended_errors", errors_of(attempt.extended_errors)}};
  };
  return json::object{{"name", report.asked.qname.to_text()},
                      {"type", to_string(report.asked.type)},
                      {"records", report.record_count},
                      {"error", text_or_null(report.status)},
                      {"server", detail::escaped(report.server)},
                      {"from_cache", report.from_cache},
                      {"extended_errors", errors_of(extended_errors_of(report))},
                      {"attempts", array_of(report.attempts, attempt_of)}};
}

json::value tier_of(std::span<const endpoint> tier, selection_policy policy) {
  const std::vector<double> shares = first_choice_shares(tier, policy);
  json::array endpoints;
  for (std::size_t i = 0; i < tier.size(); ++i) {
    const endpoint& e = tier[i];
    endpoints.push_back(json::object{{"target", e.target.to_text()},
                                     {"port", e.port},
                                     {"weight", e.weight},
                                     {"share_in_tier", rounded_share(shares[i])},
                                     {"addresses", addresses_of(e.addresses)},
                                     {"error", text_or_null(e.unresolved)}});
  }
  return json::object{{"priority", tier.front().priority}, {"endpoints", std::move(endpoints)}};
}

json::value attempt_of(const connect_attempt& attempt) {
  return json::object{{"target", attempt.target.to_text()},
                      {"address", attempt.address.to_text()},
                      {"port", attempt.port},
                      {"priority", attempt.priority},
                      {"started_ms", in_ms(attempt.started)},
                      {"connect_ms", in_ms(attempt.elapsed)},
                      {"error", text_or_null(attempt.result)}};
}

json::value untried_of(const untried_endpoint& e) {
  return json::object{{"target", e.target.to_text()}, {"port", e.port}, {"priority", e.priority}};
}

}  // namespace

std::string explanation_json(const explanation& story) {
  json::object object{{"schema", json_schema}, {"query", story.query.to_text()}};
  object["queries"] = array_of(story.queries, query_of);
  object["queries_left_out"] = story.queries_left_out;
  object["complete"] = story.complete;
  object["authenticated"] = story.authenticated;
  if (!story.is_browse) {
    object["instances_left_out"] = instances_left_out(story);
    object["from_additional"] = array_of(story.additional, [](const question& q) -> json::value {
      return json::object{{"name", q.qname.to_text()}, {"type", to_string(q.type)}};
    });
    object["kind"] = kind_of(story.kind);
    object["policy"] = to_string(story.policy);
    object["tiers"] = array_of(tiers_of(story.endpoints), [&](auto tier) { return tier_of(tier, story.policy); });
    object["attempts"] = array_of(story.attempts, attempt_of);
    object["untried"] = array_of(story.untried, untried_of);
  }
  if (!story.is_browse) object["decision"] = decision_of(story);
  object["warnings"] = array_of(story.warnings, [](const std::string& w) { return json::value(w); });
  object["error"] = text_or_null(story.error);
  return line_of(object);
}

}  // namespace sdconnect::cli
