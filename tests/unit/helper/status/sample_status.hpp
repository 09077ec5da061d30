/// \file
/// A status with something in every field.
#pragma once

#include "helper/status/helper_status.hpp"
#include "support/name_of.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sdconnect::test {

inline endpoint_status balanced(const std::string& target, std::uint16_t port, std::uint16_t priority,
                                std::uint32_t weight, double share, std::uint64_t picks) {
  endpoint_status e;
  e.where.target = name_of(target);
  e.where.port = port;
  e.where.priority = priority;
  e.where.weight = weight;
  e.where.addresses = {ip_address::from_text("192.0.2." + std::to_string(weight % 250)).value()};
  e.share = share;
  e.stats.picks = picks;
  return e;
}

inline helper::helper_status sample_status() {
  using namespace std::chrono_literals;
  helper::helper_status s;
  s.version = "0.1.0";
  s.is_ready = true;
  s.time = std::chrono::system_clock::time_point(1795467600s + 7ms);
  s.now = std::chrono::steady_clock::time_point(1000s);
  s.uptime = 3600s;
  s.listeners = {
      {.kind = helper::listener_kind::forward,
       .address = "127.0.0.1:5432",
       .service = "_postgresql._tcp.example.com.",
       .clients = 3,
       .accepted = 120,
       .refused = 1},
      {.kind = helper::listener_kind::proxy, .address = "127.0.0.1:1080", .service = "", .clients = 2, .accepted = 50},
  };
  helper::status_service db;
  db.query = name_of("_postgresql._tcp.example.com");
  db.is_configured = true;
  db.ttl_left = 42s;
  db.endpoints.resize(3);
  db.endpoints[0] = {.balanced = balanced("db1.example.com", 5432, 10, 60, 0.75, 80),
                     .octets_up = 1'500,
                     .octets_down = 2'500'000,
                     .expected = {.picks = 75, .variance = 25}};
  db.endpoints[0].balanced.stats.in_flight = 3;
  db.endpoints[0].balanced.stats.latency[9] = 78;  // below 512 us
  db.endpoints[0].balanced.stats.latency[12] = 2;  // below 4,096 us
  db.endpoints[0].balanced.stats.latency_sum = 35ms;
  db.endpoints[0].balanced.stats.outcomes[0] = 80;
  db.endpoints[1] = {.balanced = balanced("db2.example.com", 5432, 10, 20, 0.25, 20),
                     .expected = {.picks = 25, .variance = 25}};
  db.endpoints[2] = {.balanced = balanced("db3.example.com", 5433, 20, 1, 0, 0), .last_error = "Connection refused"};
  db.endpoints[2].balanced.health = {.state = health_state::down,
                                     .reason = health_reason::attempt_failed,
                                     .last_failure = outcome_kind::refused,
                                     .since = s.now - 5s,
                                     .until = s.now + 1500ms};
  db.endpoints[2].balanced.stats.outcomes[1] = 4;
  for (const helper::status_endpoint& e : db.endpoints) {
    db.totals += {.stats = e.balanced.stats, .octets_up = e.octets_up, .octets_down = e.octets_down};
  }
  helper::status_service asked;
  asked.query = name_of("_http._tcp.example.net");
  asked.is_stale = true;
  asked.problem = "DNS query timed out";
  asked.endpoints.push_back({.balanced = balanced("www.example.net", 80, 0, 7, 1, 5)});
  asked.endpoints[0].balanced.stats.in_flight = 1;
  asked.totals = {.stats = asked.endpoints[0].balanced.stats};
  s.services = {db, asked};
  s.forgotten.stats.picks = 7;
  s.name_servers = {
      {.server = "192.0.2.53", .sent = 10, .valid = 8, .timeouts = 1, .refused = 1, .mismatched = 2},
  };
  s.cache.hits = 90;
  s.cache.stale_hits = 2;
  s.cache.misses = 8;
  s.cache.network_changes = 1;
  s.cache_entries = 12;
  s.connects = {{}, {.connects = 4, .failures = 1, .p50 = 450us, .p99 = 3500us}};
  s.changes = {{.time = s.time - 5s,
                .service = "_postgresql._tcp.example.com.",
                .subject = "db3.example.com:5433",
                .what = "down: Connection refused"}};
  s.attempts = {{.time = s.time - 5s,
                 .id = "c17",
                 .service = "_postgresql._tcp.example.com.",
                 .target = "db3.example.com:5433",
                 .address = ip_address::from_text("192.0.2.1").value(),
                 .elapsed = 1250us,
                 .error = "Connection refused"}};
  return s;
}

}  // namespace sdconnect::test
