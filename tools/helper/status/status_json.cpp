#include "helper/status/status_text.hpp"
#include "net/base/printable.hpp"
#include "net/base/utc_text.hpp"
#include "text/json_parts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sdconnect::helper {
namespace {

namespace json = boost::json;
using detail::escaped;
using std::chrono::steady_clock;

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(escaped(text));
}

json::value ms_or_null(std::optional<std::chrono::microseconds> time) {
  return time ? json::value(cli::in_ms(*time)) : json::value(nullptr);
}

// To tenths, so that a snapshot a moment later is mostly the same text.
double in_seconds(steady_clock::duration time) {
  return std::round(std::chrono::duration<double>(time).count() * 10) / 10;
}

json::value seconds_or_null(steady_clock::time_point from, steady_clock::time_point to) {
  const bool is_set = from != steady_clock::time_point() && to != steady_clock::time_point();
  if (!is_set || to == steady_clock::time_point::max()) return nullptr;
  return in_seconds(std::max(to - from, steady_clock::duration::zero()));
}

json::object object_of(const status_listener& listener) {
  return {{"kind", to_string(listener.kind)},
          {"address", escaped(listener.address)},
          {"service", text_or_null(listener.service)},
          {"clients", listener.clients},
          {"accepted", listener.accepted},
          {"refused", listener.refused}};
}

void add_health(json::object& object, const endpoint_health& health, steady_clock::time_point now) {
  object["health"] = to_string(health.state);
  object["reason"] =
      health.reason == health_reason::none ? json::value(nullptr) : json::value(to_string(health.reason));
  object["for_s"] = seconds_or_null(health.since, now);
  object["next_in_s"] = seconds_or_null(now, health.until);
}

std::uint64_t sum_of(const auto& counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

json::object object_of(const status_endpoint& e, std::uint64_t picks_of_service, steady_clock::time_point now) {
  const endpoint& where = e.balanced.where;
  const endpoint_stats& stats = e.balanced.stats;
  const double share =
      picks_of_service == 0 ? 0 : static_cast<double>(stats.picks) / static_cast<double>(picks_of_service);
  json::object object{{"target", where.target.to_text()},
                      {"port", where.port},
                      {"addresses", cli::addresses_of(where.addresses)},
                      {"priority", where.priority},
                      {"weight", where.weight},
                      {"share", cli::rounded_share(e.balanced.share)},
                      {"picks", stats.picks},
                      {"actual_share", cli::rounded_share(share)},
                      {"expected_picks", std::round(e.expected.picks * 10) / 10},
                      {"sigma", std::round(e.expected.deviation(stats.picks) * 100) / 100}};
  add_health(object, e.balanced.health, now);
  object["draining"] = e.balanced.is_draining;
  object["in_flight"] = stats.in_flight;
  object["connects"] = sum_of(stats.latency);
  object["connect_p50_ms"] = ms_or_null(latency_quantile(stats, 0.5));
  object["connect_p99_ms"] = ms_or_null(latency_quantile(stats, 0.99));
  object["octets_up"] = e.octets_up;
  object["octets_down"] = e.octets_down;
  object["last_error"] = text_or_null(e.last_error);
  return object;
}

json::object object_of(const status_service& service, steady_clock::time_point now) {
  std::uint64_t picks = 0;
  for (const status_endpoint& e : service.endpoints) picks += e.balanced.stats.picks;
  return {{"query", service.query.to_text()},
          {"configured", service.is_configured},
          {"ttl_left_s", service.ttl_left ? json::value(service.ttl_left->count()) : json::value(nullptr)},
          {"stale", service.is_stale},
          {"problem", text_or_null(service.problem)},
          {"picks", picks},
          {"endpoints",
           cli::array_of(service.endpoints, [&](const status_endpoint& e) { return object_of(e, picks, now); })}};
}

json::object object_of(const status_name_server& server) {
  return {{"server", escaped(server.server)}, {"sent", server.sent},       {"valid", server.valid},
          {"timeouts", server.timeouts},      {"refused", server.refused}, {"mismatched", server.mismatched}};
}

json::object object_of(const resolver_statistics& cache, std::size_t entries) {
  return {{"entries", entries},
          {"hits", cache.hits},
          {"stale_hits", cache.stale_hits},
          {"misses", cache.misses},
          {"coalesced", cache.coalesced},
          {"queries", cache.queries},
          {"failures", cache.failures},
          {"network_changes", cache.network_changes}};
}

// Columns, as charts need them, and shorter than an object for each second.
json::object columns_of(const std::vector<series_point>& points, std::chrono::system_clock::time_point time) {
  const auto last = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count() - 1;
  const auto column = [&](auto value_of) -> json::value { return cli::array_of(points, value_of); };
  return {{"last_s", last},
          {"connects", column([](const series_point& p) -> json::value { return p.connects; })},
          {"failures", column([](const series_point& p) -> json::value { return p.failures; })},
          {"p50_ms",
           column([](const series_point& p) { return p.connects == 0 ? nullptr : json::value(cli::in_ms(p.p50)); })},
          {"p99_ms",
           column([](const series_point& p) { return p.connects == 0 ? nullptr : json::value(cli::in_ms(p.p99)); })}};
}

json::object object_of(const status_change& change) {
  return {{"time", detail::utc_text(change.time)},
          {"service", text_or_null(change.service)},
          {"subject", escaped(change.subject)},
          {"what", escaped(change.what)}};
}

json::object object_of(const status_attempt& attempt) {
  return {{"time", detail::utc_text(attempt.time)}, {"id", escaped(attempt.id)},
          {"service", escaped(attempt.service)},    {"target", escaped(attempt.target)},
          {"address", attempt.address.to_text()},   {"elapsed_ms", cli::in_ms(attempt.elapsed)},
          {"error", text_or_null(attempt.error)}};
}

template <class Range>
json::value objects_of(const Range& range) {
  return cli::array_of(range, [](const auto& item) -> json::value { return object_of(item); });
}

}  // namespace

std::string status_json(const helper_status& status) {
  return cli::line_of(
      {{"schema", cli::json_schema},
       {"version", status.version},
       {"time", detail::utc_text(status.time)},
       {"uptime_s", status.uptime.count()},
       {"ready", status.is_ready},
       {"not_ready_because", text_or_null(status.not_ready_because)},
       {"draining", status.is_draining},
       {"listeners", objects_of(status.listeners)},
       {"services", cli::array_of(status.services,
                                  [&](const status_service& s) -> json::value { return object_of(s, status.now); })},
       {"name_servers", objects_of(status.name_servers)},
       {"cache", object_of(status.cache, status.cache_entries)},
       {"connects", columns_of(status.connects, status.time)},
       {"changes", objects_of(status.changes)},
       {"attempts", objects_of(status.attempts)}});
}

}  // namespace sdconnect::helper
