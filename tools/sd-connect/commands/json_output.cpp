#include "sd-connect/commands/json_output.hpp"

#include "net/base/printable.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "text/json_parts.hpp"

namespace sdconnect::cli {
namespace {

/// Adds times and the results of the kind of check; null for a step that was not reached.
void add_seen(json::object& object, probe_kind kind, const endpoint_check& c) {
  if (kind == probe_kind::tcp) {
    object["connect_ms"] = in_ms(c.elapsed);
    return;
  }
  if (kind != probe_kind::exec)
    object["connect_ms"] = c.connect_time ? json::value(in_ms(*c.connect_time)) : json::value(nullptr);
  object["check_ms"] = in_ms(c.elapsed);
  if (kind == probe_kind::tls || (kind == probe_kind::http && !c.tls_version.empty()))
    object["tls_version"] = c.tls_version.empty() ? json::value(nullptr) : json::value(c.tls_version);
  if (kind == probe_kind::http)
    object["http_status"] = c.http_status ? json::value(*c.http_status) : json::value(nullptr);
  if (kind == probe_kind::exec) object["exit_code"] = c.exit_code ? json::value(*c.exit_code) : json::value(nullptr);
}

json::value string_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::object error_of(const failure& why) {
  return {{"code", static_cast<int>(why.code())},
          {"what", why.said().what},
          {"where", string_or_null(why.said().where)},
          {"hint", string_or_null(why.said().hint)}};
}

/// The first choice, with the address that a connect tries first.
json::value chosen_of(const pick_tally& tally) {
  if (!tally.first.chosen) return nullptr;
  const endpoint& e = tally.endpoints[*tally.first.chosen];
  return json::object{{"instances", names_of(e.instances)},
                      {"target", e.target.to_text()},
                      {"port", e.port},
                      {"address", tally.first_address ? json::value(tally.first_address->to_text()) : nullptr}};
}

std::string line_with(json::object object, failed why) {
  if (why != nullptr) object["error"] = error_of(*why);
  return line_of(object);
}

}  // namespace

std::string failure_json(const std::optional<name>& query, const failure& why) {
  return line_of({{"schema", json_schema},
                  {"query", query ? json::value(query->to_text()) : json::value(nullptr)},
                  {"error", error_of(why)}});
}

std::string service_json(const name& query, const service& found, selection_policy policy, failed why) {
  const std::vector<double> shares = first_choice_shares(found.endpoints, policy);
  json::array endpoints;
  for (std::size_t i = 0; i < found.endpoints.size(); ++i)
    endpoints.push_back(endpoint_of(found.endpoints[i], shares[i]));
  return line_with({{"schema", json_schema},
                    {"query", query.to_text()},
                    {"kind", kind_of(found.kind)},
                    {"instances", array_of(found.instances, instance_of)},
                    {"endpoints", std::move(endpoints)},
                    {"complete", found.complete},
                    {"server", detail::escaped(found.server)},
                    {"stale", found.stale},
                    {"authenticated", found.authenticated},
                    {"warnings", array_of(found.warnings, [](const std::string& w) { return json::value(w); })}},
                   why);
}

std::string instances_json(const browse_result& found, failed why) {
  const auto instance = [&found](const browse_entry& entry) -> json::value {
    const std::optional<service_labels> parts = split_service_name(entry.target);
    return json::object{{"name", entry.target.to_text()},
                        {"label", label_to_text(entry.target.first_label())},
                        {"type", parts ? json::value(parts->type.to_text()) : json::value(nullptr)},
                        {"domain", parts ? json::value(parts->domain.to_text()) : json::value(nullptr)},
                        {"ttl_s", entry.ttl.count()},
                        {"foreign", is_foreign(entry.target, found.query)}};
  };
  return line_with({{"schema", json_schema},
                    {"query", found.query.to_text()},
                    {"instances", array_of(found.entries, instance)},
                    {"complete", found.complete},
                    {"authenticated", found.authenticated}},
                   why);
}

std::string types_json(const browse_result& found, failed why) {
  const auto type = [](const browse_entry& entry) { return json::value(entry.target.to_text()); };
  return line_with({{"schema", json_schema},
                    {"query", found.query.to_text()},
                    {"types", array_of(found.entries, type)},
                    {"complete", found.complete}},
                   why);
}

std::string domains_json(std::span<const name> zones, std::span<const domain_listing> domains, bool is_complete,
                         failed why) {
  const auto domain = [](const domain_listing& listing) -> json::value {
    const auto label = [](domain_enumeration kind) { return json::value(label_of(kind)); };
    return json::object{
        {"name", listing.domain.to_text()}, {"kinds", array_of(listing.kinds, label)}, {"ttl_s", listing.ttl.count()}};
  };
  return line_with({{"schema", json_schema},
                    {"query", zones.size() == 1 ? json::value(zones.front().to_text()) : json::value(names_of(zones))},
                    {"domains", array_of(domains, domain)},
                    {"complete", is_complete}},
                   why);
}

std::string pick_json(const pick_tally& tally) {
  json::array endpoints;
  for (std::size_t i = 0; i < tally.endpoints.size(); ++i) {
    endpoints.push_back(json::object{{"target", tally.endpoints[i].target.to_text()},
                                     {"port", tally.endpoints[i].port},
                                     {"count", tally.counts[i]},
                                     {"share", rounded_share(tally.shares[i])},
                                     {"expected", four_decimals(tally.shares[i] * static_cast<double>(tally.picks))}});
  }
  return line_of({{"schema", json_schema},
                  {"query", tally.query.to_text()},
                  {"picks", tally.picks},
                  {"policy", to_string(tally.policy)},
                  {"chosen", chosen_of(tally)},
                  {"endpoints", std::move(endpoints)},
                  {"complete", tally.is_complete},
                  {"chi_square_p", tally.chi_square_p ? json::value(*tally.chi_square_p) : json::value(nullptr)}});
}

std::string check_json(probe_kind kind, const name& query, std::span<const endpoint_check> checks, bool is_complete,
                       failed why) {
  const auto check = [kind](const endpoint_check& c) -> json::value {
    json::object object{{"instances", names_of(c.where.instances)},
                        {"target", c.where.target.to_text()},
                        {"port", c.where.port},
                        {"priority", c.where.priority},
                        {"weight", c.where.weight},
                        {"ok", !c.error},
                        {"address", c.address ? json::value(c.address->to_text()) : json::value(nullptr)}};
    add_seen(object, kind, c);
    object["error"] = text_or_null(c.error);
    return object;
  };
  return line_with({{"schema", json_schema},
                    {"query", query.to_text()},
                    {"check", to_string(kind)},
                    {"endpoints", array_of(checks, check)},
                    {"complete", is_complete}},
                   why);
}

}  // namespace sdconnect::cli
