// A user-defined policy: draws two endpoints at random and chooses the one with the lower product
// of recent latency and load. Runs on a static list, with simulated endpoints.
#include <sdconnect/balancer/balancer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

/// Expected waiting time of one more request. An endpoint without a measurement is tried first.
double cost_of(const sdconnect::policy_candidate& candidate) {
  const sdconnect::endpoint_record& record = *candidate.endpoint->record;
  const double load = static_cast<double>(record.in_flight()) + 1;
  return static_cast<double>(record.recent_latency().count()) * load;
}

/// Both draws ignore weights: the measured latency already shows which endpoint is slower.
std::size_t choose_by_latency(std::span<const sdconnect::policy_candidate> usable, sdconnect::random_engine& random,
                              std::optional<std::uint64_t>) {
  const std::size_t first = sdconnect::uniform_below(random, usable.size());
  const std::size_t second = sdconnect::uniform_below(random, usable.size());
  return cost_of(usable[second]) < cost_of(usable[first]) ? second : first;
}

static_assert(sdconnect::endpoint_policy<decltype(&choose_by_latency)>);

sdconnect::endpoint make_endpoint(const std::string& target) {
  sdconnect::endpoint made;
  made.target = sdconnect::name::from_text(target).value();
  made.port = 443;
  made.weight = 1;
  return made;
}

struct request {
  std::chrono::steady_clock::time_point ends;
  std::chrono::microseconds latency;
  sdconnect::endpoint_use held;
};

}  // namespace

int main() {
  auto now = std::chrono::steady_clock::now();
  sdconnect::balancer_options options;
  options.custom = choose_by_latency;
  sdconnect::balancer balancer(options, now);
  balancer.update(
      std::vector{make_endpoint("near.example."), make_endpoint("also-near.example."), make_endpoint("far.example.")},
      now);

  // One request per millisecond. The distant endpoint takes four times as long.
  std::vector<request> under_way;
  for (int i = 0; i < 10'000; ++i, now += 1ms) {
    for (request& one : under_way) {
      if (one.ends <= now) one.held.report(sdconnect::outcome_kind::connected, one.latency, now);
    }
    std::erase_if(under_way, [now](const request& one) { return one.ends <= now; });

    std::optional<sdconnect::endpoint_use> held = balancer.acquire(now);
    if (!held) continue;
    const auto latency = held->where().target.first_label() == "far" ? 20ms : 5ms;
    under_way.push_back({now + latency, latency, std::move(*held)});
  }
  for (const sdconnect::endpoint_status& one : balancer.status()) {
    std::printf("%-20s %5llu requests\n", one.where.target.to_text().c_str(),
                static_cast<unsigned long long>(one.stats.picks));
  }
}
