#include "bench/fleet/scenarios.hpp"

#include <array>
#include <utility>

namespace sdconnect::bench {

std::span<const fleet_scenario> fleet_scenarios() {
  static constexpr std::array all{
      fleet_scenario{"steady", "nothing happens: load by weight, DNS queries", run_steady},
      fleet_scenario{"herd", "all clients start in the same second", run_herd},
      fleet_scenario{"weights", "DNS gives one endpoint ten times the weight", run_weights},
      fleet_scenario{"dns-outage", "the name servers are silent for longer than the TTL", run_dns_outage},
      fleet_scenario{"failure", "three endpoints refuse, or swallow SYNs, and come back", run_failure},
      fleet_scenario{"partition", "half of the clients lose the first tier", run_partition},
      fleet_scenario{"rolling", "every endpoint restarts, one after the other, again and again", run_rolling_restart},
      fleet_scenario{"outage", "everything is down and comes back", run_outage},
      fleet_scenario{"slow", "one endpoint takes fifty times as long", run_slow},
      fleet_scenario{"sick", "one endpoint resets a third of its connections", run_sick},
  };
  return all;
}

fleet_settings settings_of(const fleet_options& options) {
  fleet_settings settings;
  settings.clients = options.clients;
  settings.endpoints = options.endpoints;
  settings.ttl = options.ttl;
  settings.seed = options.seed;
  return settings;
}

std::optional<double> seconds_until(fleet_window in, std::size_t width,
                                    const std::function<bool(fleet_window)>& holds) {
  std::optional<double> since;
  for (std::size_t s = in.from; s + width <= in.to; ++s) {
    if (!holds({s, s + width})) {
      since.reset();
    } else if (!since) {
      since = static_cast<double>(s - in.from);
    }
  }
  return since;
}

chart::line line_of(std::string label, fleet_window in, std::size_t width,
                    const std::function<double(fleet_window)>& value) {
  chart::line line{std::move(label), {}};
  for (std::size_t s = in.from; s + width <= in.to; s += width) {
    line.points.emplace_back(static_cast<double>(s), value({s, s + width}));
  }
  return line;
}

double overload(const fleet_meters& meters, fleet_window in, std::size_t serving) {
  const double mean = static_cast<double>(meters.sum(&fleet_second::requests, in)) /
                      static_cast<double>(in.to - in.from) / static_cast<double>(serving);
  return mean > 0 ? static_cast<double>(meters.peak_connected(in)) / mean : 0;
}

}  // namespace sdconnect::bench
