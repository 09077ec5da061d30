/// \file
/// What a running helper knows about itself: plain values, copied at one moment.
#pragma once

#include "helper/status/connect_series.hpp"
#include "sdconnect/balancer/balanced_endpoint.hpp"
#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/ip_address.hpp"
#include "sdconnect/resolver/resolver_options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::helper {

enum class listener_kind : std::uint8_t { forward, udp_forward, proxy };
/// "forward", "udp forward", "proxy".
[[nodiscard]] std::string_view to_string(listener_kind kind) noexcept;

struct status_listener {
  listener_kind kind{};
  std::string address;         ///< "127.0.0.1:5432", "[::1]:1080", "unix:/run/user/1000/db"
  std::string service;         ///< of a forward
  std::uint64_t clients = 0;   ///< now
  std::uint64_t accepted = 0;  ///< since the start
  std::uint64_t refused = 0;   ///< of these, refused: limits, authentication, destination
};

/// What an endpoint should have got of the picks that were counted.
struct share_expectation {
  double picks = 0;     ///< expected number
  double variance = 0;  ///< of that number

  /// Distance of `counted` from the expectation in standard deviations; 0 without any variance.
  [[nodiscard]] double deviation(std::uint64_t counted) const noexcept;
};

struct status_endpoint {
  endpoint_status balanced;         ///< balancer::status()
  std::uint64_t octets_up = 0;      ///< from clients
  std::uint64_t octets_down = 0;    ///< to clients
  std::string last_error = {};      ///< of the latest attempt that failed; empty: none did
  share_expectation expected = {};  ///< service_meter::update() sets it
};

/// Sums over all endpoints that a service ever had.
struct service_totals {
  endpoint_stats stats;  ///< without in_flight
  std::uint64_t octets_up = 0;
  std::uint64_t octets_down = 0;

  service_totals& operator+=(const service_totals& other) noexcept;
};

struct status_service {
  name query;
  bool is_configured = false;              ///< the configuration names it, so it may be a label of a metric
  std::vector<status_endpoint> endpoints;  ///< in the order of is_listed_before
  service_totals totals;                   ///< service_meter::totals()
  std::optional<std::chrono::seconds> ttl_left;
  bool is_stale = false;
  std::string problem = {};  ///< why DNS has given no endpoint, or the refresh failed; empty: all is well
};

struct status_name_server {
  std::string server;
  std::uint64_t sent = 0, valid = 0, timeouts = 0, refused = 0, mismatched = 0;
};

/// An event in the life of a service or of the helper: "ejected", "added", "reloaded".
struct status_change {
  std::chrono::system_clock::time_point time;
  std::string service;  ///< empty: the helper itself
  std::string subject;  ///< "host1.example.com:80", a file, ...
  std::string what;
};

struct status_attempt {
  std::chrono::system_clock::time_point time;
  std::string id;  ///< of the client's connection, as in the log
  std::string service;
  std::string target;  ///< "host1.example.com:80"
  ip_address address;
  std::chrono::microseconds elapsed{};
  std::string error = {};  ///< empty: connected
};

struct helper_status {
  std::string version;
  bool is_ready = false;
  std::string not_ready_because = {};
  bool is_draining = false;
  std::chrono::system_clock::time_point time;  ///< the moment of the copy, on both clocks
  std::chrono::steady_clock::time_point now;
  std::chrono::seconds uptime{};
  std::vector<status_listener> listeners;
  std::vector<status_service> services;
  service_totals forgotten;  ///< of services that are no longer in `services`
  std::vector<status_name_server> name_servers;
  resolver_statistics cache;
  std::size_t cache_entries = 0;
  std::vector<series_point> connects;    ///< connect_series::points()
  std::vector<status_change> changes;    ///< the latest first; the helper keeps few
  std::vector<status_attempt> attempts;  ///< the latest first; the helper keeps few
};

/// Upper limit of the connect times of the fastest part `quantile` of the connects, interpolated
/// within a bucket. Unset without a connect.
[[nodiscard]] std::optional<std::chrono::microseconds> latency_quantile(const endpoint_stats& stats, double quantile);

}  // namespace sdconnect::helper
