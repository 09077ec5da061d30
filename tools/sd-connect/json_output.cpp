// Boost.JSON is compiled into this file and json_impl.cpp only.
#include "json_output.hpp"

#include "names.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "sdconnect/dns/printable.hpp"
#include "tiers.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <cmath>

namespace sdconnect::cli {
namespace {

namespace json = boost::json;

constexpr int schema = 1;

double four_decimals(double value) { return std::round(value * 1e4) / 1e4; }
// 0.7439; below 0.001 four digits that count, so that one of 1,500 endpoints has a share as well.
double rounded_share(double share) {
  if (share <= 0 || share >= 1e-3) return four_decimals(share);
  const double scale = std::pow(10.0, 3 - std::floor(std::log10(share)));
  return std::round(share * scale) / scale;
}
double in_ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; }

// Boost.JSON writes 0.7439 as 7.439E-1, which is valid and unreadable; numbers are the one thing to do differently.
void write(std::string& out, const json::value& value) {
  if (const json::object* object = value.if_object()) {
    const char* separator = "{";
    for (const auto& [key, member] : *object) {
      out += separator + json::serialize(key) + ':';
      write(out, member);
      separator = ",";
    }
    out += object->empty() ? "{}" : "}";
  } else if (const json::array* array = value.if_array()) {
    const char* separator = "[";
    for (const json::value& item : *array) {
      out += separator;
      write(out, item);
      separator = ",";
    }
    out += array->empty() ? "[]" : "]";
  } else if (const double* number = value.if_double()) {
    out += fmt::format("{}", *number);
  } else {
    out += json::serialize(value);
  }
}

std::string line_of(const json::object& object) {
  std::string line;
  write(line, object);
  return line + '\n';
}

std::string base64(std::string_view octets) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::string_view group = octets.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < group.size() ? static_cast<std::uint8_t>(group[k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += k <= group.size() ? digits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

template <class Range, class Convert>
json::array array_of(const Range& range, Convert convert) {
  json::array array;
  for (const auto& item : range) array.push_back(convert(item));
  return array;
}

json::array names_of(std::span<const name> names) {
  return array_of(names, [](const name& n) { return json::value(n.to_text()); });
}

json::array addresses_of(std::span<const ip_address> addresses) {
  return array_of(addresses, [](const ip_address& a) { return json::value(a.to_text()); });
}

json::value text_or_null(error_code ec) { return ec ? json::value(ec.message()) : json::value(nullptr); }

json::value kind_of(service_kind kind) {
  switch (kind) {
    case service_kind::none: return nullptr;
    case service_kind::type: return "type";
    case service_kind::instance: return "instance";
    case service_kind::address: return "address";
  }
  return nullptr;
}

json::value pair_of(const txt_entry& entry) {
  json::object pair{{"key", escaped(entry.key)}};
  if (!entry.value)
    pair["value"] = nullptr;
  else if (is_printable(*entry.value))
    pair["value"] = *entry.value;
  else
    pair["value_b64"] = base64(*entry.value);
  return pair;
}

json::value instance_of(const service_instance& instance) {
  return json::object{{"name", instance.fullname.to_text()},
                      {"label", label_to_text(instance.label)},
                      {"txt", array_of(instance.txt.entries(), pair_of)},
                      {"ttl_s", instance.ttl.count()}};
}

json::value endpoint_of(const endpoint& e, double share) {
  return json::object{{"instances", names_of(e.instances)},
                      {"target", e.target.to_text()},
                      {"port", e.port},
                      {"priority", e.priority},
                      {"weight", e.weight},
                      {"share", rounded_share(share)},
                      {"addresses", addresses_of(e.addresses)},
                      {"ttl_s", e.ttl.count()}};
}

std::string_view name_of(dns_transport transport) {
  switch (transport) {
    case dns_transport::udp: return "udp";
    case dns_transport::tcp: return "tcp";
    case dns_transport::file: return "file";
  }
  return {};
}

json::value query_of(const query_report& report) {
  const auto attempt_of = [](const query_attempt& attempt) -> json::value {
    return json::object{{"server", escaped(attempt.server)},
                        {"transport", name_of(attempt.transport)},
                        {"error", text_or_null(attempt.result)},
                        {"elapsed_ms", in_ms(attempt.elapsed)},
                        {"discarded", attempt.discarded}};
  };
  return json::object{{"name", report.asked.qname.to_text()}, {"type", to_string(report.asked.type)},
                      {"records", report.record_count},       {"error", text_or_null(report.status)},
                      {"server", escaped(report.server)},     {"attempts", array_of(report.attempts, attempt_of)}};
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

}  // namespace

std::string service_json(const name& query, const service& found, selection_policy policy) {
  const std::vector<double> shares = first_choice_shares(found.endpoints, policy);
  json::array endpoints;
  for (std::size_t i = 0; i < found.endpoints.size(); ++i)
    endpoints.push_back(endpoint_of(found.endpoints[i], shares[i]));
  return line_of({{"schema", schema},
                  {"query", query.to_text()},
                  {"kind", kind_of(found.kind)},
                  {"instances", array_of(found.instances, instance_of)},
                  {"endpoints", std::move(endpoints)},
                  {"server", escaped(found.server)},
                  {"stale", found.stale},
                  {"warnings", array_of(found.warnings, [](const std::string& w) { return json::value(w); })}});
}

std::string instances_json(const browse_result& found) {
  const auto instance = [](const browse_entry& entry) -> json::value {
    const std::optional<service_labels> parts = split_service_name(entry.target);
    return json::object{{"name", entry.target.to_text()},
                        {"label", label_to_text(entry.target.first_label())},
                        {"type", parts ? json::value(parts->type.to_text()) : json::value(nullptr)},
                        {"domain", parts ? json::value(parts->domain.to_text()) : json::value(nullptr)},
                        {"ttl_s", entry.ttl.count()}};
  };
  return line_of(
      {{"schema", schema}, {"query", found.query.to_text()}, {"instances", array_of(found.entries, instance)}});
}

std::string types_json(const name& query, std::span<const browse_entry> types) {
  const auto type = [](const browse_entry& entry) { return json::value(entry.target.to_text()); };
  return line_of({{"schema", schema}, {"query", query.to_text()}, {"types", array_of(types, type)}});
}

std::string domains_json(const name& zone, std::span<const domain_listing> domains) {
  const auto domain = [](const domain_listing& listing) -> json::value {
    const auto label = [](domain_enumeration kind) { return json::value(label_of(kind)); };
    return json::object{
        {"name", listing.domain.to_text()}, {"kinds", array_of(listing.kinds, label)}, {"ttl_s", listing.ttl.count()}};
  };
  return line_of({{"schema", schema}, {"query", zone.to_text()}, {"domains", array_of(domains, domain)}});
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
  return line_of({{"schema", schema},
                  {"picks", tally.picks},
                  {"policy", to_string(tally.policy)},
                  {"endpoints", std::move(endpoints)},
                  {"chi_square_p", tally.chi_square_p}});
}

std::string check_json(const name& query, std::span<const endpoint_check> checks) {
  const auto check = [](const endpoint_check& c) -> json::value {
    return json::object{{"target", c.where.target.to_text()},
                        {"port", c.where.port},
                        {"priority", c.where.priority},
                        {"weight", c.where.weight},
                        {"ok", !c.error},
                        {"address", c.address ? json::value(c.address->to_text()) : json::value(nullptr)},
                        {"connect_ms", in_ms(c.elapsed)},
                        {"error", text_or_null(c.error)}};
  };
  return line_of({{"schema", schema}, {"query", query.to_text()}, {"endpoints", array_of(checks, check)}});
}

std::string explanation_json(const explanation& story) {
  json::object object{{"schema", schema}, {"query", story.query.to_text()}};
  object["queries"] = array_of(story.queries, query_of);
  if (!story.is_browse) {
    object["kind"] = kind_of(story.kind);
    object["policy"] = to_string(story.policy);
    object["tiers"] = array_of(tiers_of(story.endpoints), [&](auto tier) { return tier_of(tier, story.policy); });
    object["attempts"] = array_of(story.attempts, attempt_of);
  }
  object["warnings"] = array_of(story.warnings, [](const std::string& w) { return json::value(w); });
  object["error"] = text_or_null(story.error);
  return line_of(object);
}

}  // namespace sdconnect::cli
