#include "bench/fleet/world.hpp"

#include <cmath>
#include <string>
#include <utility>

namespace sdconnect::bench {
namespace {

// TTL of the negative answer to the PTR query.
constexpr std::chrono::seconds negative_ttl{3600};
constexpr const char* server_name = "192.0.2.53";

service_query query_of_all() {
  service_query query = service_query::from_text("_v1._theservice._tcp.example.com").value();
  query.want_ipv6 = false;
  query.want_txt = false;
  return query;
}

}  // namespace

fleet_world::fleet_world(const fleet_settings& with)
    : settings(with),
      now(fleet_epoch),
      random(with.seed),
      meters(with.endpoints, fleet_epoch),
      backends(with.endpoints),
      query(query_of_all()) {
  zone_changed();
}

sim_duration fleet_world::uniform(sim_duration low, sim_duration high) {
  return low + std::chrono::duration_cast<sim_duration>(uniform() * (high - low));
}

sim_duration fleet_world::exponential(double per_s) {
  const std::chrono::duration<double> wait(-std::log1p(-uniform()) / per_s);
  return std::chrono::duration_cast<sim_duration>(wait);
}

void fleet_world::zone_changed() {
  srv_ = answer();
  srv_.canonical = query.qname;
  srv_.ttl = settings.ttl;
  std::vector<srv_record> records;
  for (std::size_t i = 0; i < backends.size(); ++i) {
    if (!backends[i].is_listed) continue;
    const name target = name::from_text("b" + std::to_string(i) + ".example.com").value();
    const auto port = static_cast<std::uint16_t>(first_port + i);
    records.push_back({backends[i].priority, backends[i].weight, port, target});
    const auto high = static_cast<std::uint8_t>(i >> 8), low = static_cast<std::uint8_t>(i);
    std::vector<ip_address> addresses{ip_address::v4({10, 0, high, low})};
    srv_.additional.push_back({target, rr_type::a, settings.ttl, std::move(addresses)});
  }
  srv_.records = std::move(records);
}

query_result fleet_world::answer_to(rr_type asked) const {
  query_result out;
  out.report.asked = {query.qname, asked};
  out.report.server = server_name;
  if (asked == rr_type::srv) {
    out.answer = srv_;
    return out;
  }
  out.answer.canonical = query.qname;
  out.answer.status = out.report.status = errc::no_data;
  out.answer.ttl = negative_ttl;
  return out;
}

}  // namespace sdconnect::bench
