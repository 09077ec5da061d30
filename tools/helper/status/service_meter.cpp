#include "helper/status/service_meter.hpp"

#include <utility>

namespace sdconnect::helper {
namespace {

// Counters begin anew if the endpoint had left DNS in between.
bool is_continued(const service_totals& before, const service_totals& now) noexcept {
  return before.stats.picks <= now.stats.picks && before.octets_up <= now.octets_up &&
         before.octets_down <= now.octets_down;
}

// REQUIRES: is_continued().
service_totals difference(service_totals now, const service_totals& before) noexcept {
  now.stats.picks -= before.stats.picks;
  for (std::size_t i = 0; i < endpoint_stats::outcome_kinds; ++i) now.stats.outcomes[i] -= before.stats.outcomes[i];
  for (std::size_t i = 0; i < endpoint_stats::latency_buckets; ++i) now.stats.latency[i] -= before.stats.latency[i];
  now.stats.latency_sum -= before.stats.latency_sum;
  now.octets_up -= before.octets_up;
  now.octets_down -= before.octets_down;
  return now;
}

}  // namespace

void service_meter::update(std::span<status_endpoint> endpoints) {
  std::map<key, member> members;
  service_totals passed;
  for (const status_endpoint& e : endpoints) {
    const endpoint& where = e.balanced.where;
    service_totals now{.stats = e.balanced.stats, .octets_up = e.octets_up, .octets_down = e.octets_down};
    const auto known = members_.find({where.priority, where.target, where.port});
    member& m = members[{where.priority, where.target, where.port}];
    if (known != members_.end() && is_continued(known->second.seen, now)) {
      m = known->second;
      passed += difference(now, m.seen);
    } else {
      m.expected.picks = static_cast<double>(now.stats.picks);
      totals_ += now;
    }
    m.seen = now;
  }
  totals_ += passed;
  const auto picks = static_cast<double>(passed.stats.picks);
  for (status_endpoint& e : endpoints) {
    member& m = members[{e.balanced.where.priority, e.balanced.where.target, e.balanced.where.port}];
    m.expected.picks += picks * m.share;
    m.expected.variance += picks * m.share * (1 - m.share);
    m.share = e.balanced.share;
    e.expected = m.expected;
  }
  members_ = std::move(members);
}

}  // namespace sdconnect::helper
