#include "helper/status/status_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>

namespace sdconnect::helper {
namespace {

constexpr std::array states{health_state::up, health_state::warming, health_state::trial, health_state::down};

// Upper limits of the histogram: 64 us, 256 us, ... 16.8 s. A bucket of endpoint_stats ends at a
// power of two, and every second of these is fine enough for a graph.
constexpr std::size_t first_limit = 6;
constexpr std::size_t last_limit = 24;
constexpr std::size_t limit_step = 2;

// What one value of the label `service` stands for.
struct service_sum {
  std::array<std::uint64_t, states.size()> endpoints{};
  std::uint64_t connections = 0;
  bool is_stale = false;
  service_totals totals;

  void add(const status_service& service) {
    for (const status_endpoint& e : service.endpoints) {
      if (!e.balanced.is_draining) ++endpoints[static_cast<std::size_t>(e.balanced.health.state)];
      connections += e.balanced.stats.in_flight;
    }
    is_stale |= service.is_stale;
    totals += service.totals;
  }
};

// A backslash, a quote and a line end need an escape.
std::string label_value(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

class exposition {
 public:
  /// Begins a metric; values follow.
  void metric(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void value(std::string_view labels, auto number) { sample("", labels, number); }
  void sample(std::string_view suffix, std::string_view labels, auto number) {
    const std::string_view open = labels.empty() ? "" : "{";
    const std::string_view close = labels.empty() ? "" : "}";
    fmt::format_to(std::back_inserter(text_), "{}{}{}{}{} {}\n", name_, suffix, open, labels, close, number);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

double seconds_of(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

void write_helper(exposition& out, const helper_status& status) {
  out.metric("sdconnect_helper_info", "gauge", "Version of the running helper.");
  out.value("version=" + label_value(status.version), 1);
  out.metric("sdconnect_helper_start_time_seconds", "gauge", "Time of the start, since the Unix epoch.");
  out.value("", std::chrono::floor<std::chrono::seconds>(status.time.time_since_epoch() - status.uptime).count());
  out.metric("sdconnect_helper_ready", "gauge", "1 if /readyz is 200.");
  out.value("", status.is_ready ? 1 : 0);
  out.metric("sdconnect_helper_draining", "gauge", "1 from the request to end until the end.");
  out.value("", status.is_draining ? 1 : 0);
}

void write_listeners(exposition& out, const std::vector<status_listener>& listeners) {
  const auto write = [&](std::string_view name, std::string_view type, std::string_view help,
                         std::uint64_t status_listener::*count) {
    out.metric(name, type, help);
    for (const status_listener& l : listeners) {
      out.value(fmt::format("listener={},kind={}", label_value(l.address), label_value(to_string(l.kind))), l.*count);
    }
  };
  write("sdconnect_clients", "gauge", "Clients connected now.", &status_listener::clients);
  write("sdconnect_clients_accepted_total", "counter", "Clients accepted.", &status_listener::accepted);
  write("sdconnect_clients_refused_total", "counter", "Accepted clients that were refused.", &status_listener::refused);
}

using sums = std::map<std::string, service_sum>;

void write_histogram(exposition& out, const std::string& label, const endpoint_stats& stats) {
  const auto up_to = [&](std::size_t end) {
    return std::accumulate(stats.latency.begin(), stats.latency.begin() + static_cast<std::ptrdiff_t>(end),
                           std::uint64_t{0});
  };
  for (std::size_t limit = first_limit; limit <= last_limit; limit += limit_step) {
    const auto upper = std::chrono::microseconds(std::int64_t{1} << limit);
    out.sample("_bucket", fmt::format("{},le=\"{}\"", label, seconds_of(upper)), up_to(limit + 1));
  }
  const std::uint64_t all = up_to(stats.latency.size());
  out.sample("_bucket", label + ",le=\"+Inf\"", all);
  out.sample("_sum", label, seconds_of(stats.latency_sum));
  out.sample("_count", label, all);
}

void write_services(exposition& out, const sums& services) {
  const auto write = [&](std::string_view name, std::string_view type, std::string_view help, auto value_of) {
    out.metric(name, type, help);
    for (const auto& [label, sum] : services) out.value(label, value_of(sum));
  };
  out.metric("sdconnect_endpoints", "gauge", "Endpoints in DNS, by health.");
  for (const auto& [label, sum] : services) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      out.value(fmt::format("{},health={}", label, label_value(to_string(states[i]))), sum.endpoints[i]);
    }
  }
  write("sdconnect_stale", "gauge", "1 if data of the service are used beyond their TTL.",
        [](const service_sum& s) { return s.is_stale ? 1 : 0; });
  write("sdconnect_connections", "gauge", "Connections to endpoints now.",
        [](const service_sum& s) { return s.connections; });
  write("sdconnect_picks_total", "counter", "Endpoints chosen.",
        [](const service_sum& s) { return s.totals.stats.picks; });
  out.metric("sdconnect_outcomes_total", "counter", "Reports about endpoints, by outcome.");
  for (const auto& [label, sum] : services) {
    for (std::size_t i = 0; i < endpoint_stats::outcome_kinds; ++i) {
      const auto outcome = label_value(to_string(static_cast<outcome_kind>(i)));
      out.value(fmt::format("{},outcome={}", label, outcome), sum.totals.stats.outcomes[i]);
    }
  }
  out.metric("sdconnect_transferred_bytes_total", "counter", "Octets of relayed streams; up: from the client.");
  for (const auto& [label, sum] : services) {
    out.value(label + ",direction=\"up\"", sum.totals.octets_up);
    out.value(label + ",direction=\"down\"", sum.totals.octets_down);
  }
  out.metric("sdconnect_connect_duration_seconds", "histogram", "Time of successful connects to endpoints.");
  for (const auto& [label, sum] : services) write_histogram(out, label, sum.totals.stats);
}

void write_dns(exposition& out, const helper_status& status) {
  const auto write = [&](std::string_view name, std::string_view help, std::uint64_t status_name_server::*count) {
    out.metric(name, "counter", help);
    for (const status_name_server& s : status.name_servers) out.value("server=" + label_value(s.server), s.*count);
  };
  write("sdconnect_dns_queries_total", "Queries sent to the name server.", &status_name_server::sent);
  write("sdconnect_dns_replies_total", "Usable replies.", &status_name_server::valid);
  write("sdconnect_dns_timeouts_total", "Queries without a reply in time.", &status_name_server::timeouts);
  write("sdconnect_dns_refusals_total", "Queries refused.", &status_name_server::refused);
  write("sdconnect_dns_mismatches_total", "Replies that answered no query.", &status_name_server::mismatched);

  out.metric("sdconnect_cache_entries", "gauge", "Record sets in the cache.");
  out.value("", status.cache_entries);
  out.metric("sdconnect_cache_lookups_total", "counter", "Lookups, by what the cache had.");
  out.value("result=\"hit\"", status.cache.hits);
  out.value("result=\"stale\"", status.cache.stale_hits);
  out.value("result=\"miss\"", status.cache.misses);
  out.metric("sdconnect_network_changes_total", "counter", "Changes of the host's network, and suspends.");
  out.value("", status.cache.network_changes);
}

}  // namespace

std::string metrics_text(const helper_status& status) {
  sums services;
  service_sum& other = services["service=\"other\""];
  other.totals = status.forgotten;
  for (const status_service& service : status.services) {
    service_sum& sum = service.is_configured ? services["service=" + label_value(service.query.to_text())] : other;
    sum.add(service);
  }
  exposition out;
  write_helper(out, status);
  write_listeners(out, status.listeners);
  write_services(out, services);
  write_dns(out, status);
  return out.take();
}

}  // namespace sdconnect::helper
