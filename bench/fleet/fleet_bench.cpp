/// \file
/// A fleet of clients in simulated time: each client has the real watcher, cache, balancer, health
/// and retry budget, with events instead of sockets and timers. Prints a table and the goals; draws
/// charts.
#include "bench/fleet/scenarios.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace sdconnect::bench {
namespace {

constexpr const char* usage = R"(usage: fleet_bench [OPTIONS] [SCENARIO...]

  --clients N     processes, 10 to 100000 (10000)
  --endpoints N   4 to 1000 (10)
  --ttl SECONDS   of the SRV records, 10 to 3600 (60)
  --seed N        equal seeds give equal output (1)
  --plots FOLDER  writes SVG files
  --quick         100 clients, shorter

scenarios, all of them unless some are named:
)";

struct command_line {
  fleet_options options;
  std::string plots;
  std::vector<const fleet_scenario*> scenarios;
  bool wants_help = false;
};

std::uint64_t number_of(std::string_view option, std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    throw std::invalid_argument(fmt::format("{} needs a number from {} to {}", option, least, most));
  }
  return value;
}

command_line read(const std::vector<std::string_view>& words) {
  command_line out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const auto value = [&] {
      if (i + 1 == words.size()) throw std::invalid_argument(fmt::format("{} needs a value", word));
      return words[++i];
    };
    if (word == "--clients") {
      out.options.clients = number_of(word, value(), 10, 100'000);
    } else if (word == "--endpoints") {
      out.options.endpoints = number_of(word, value(), 4, 1000);
    } else if (word == "--ttl") {
      out.options.ttl = std::chrono::seconds(number_of(word, value(), 10, 3600));
    } else if (word == "--seed") {
      out.options.seed = number_of(word, value(), 0, UINT64_MAX);
    } else if (word == "--plots") {
      out.plots = value();
    } else if (word == "--quick") {
      out.options.is_quick = true;
      out.options.clients = 100;
    } else if (word == "--help") {
      out.wants_help = true;
    } else {
      const auto found = std::ranges::find(fleet_scenarios(), word, &fleet_scenario::name);
      if (found == fleet_scenarios().end()) throw std::invalid_argument(fmt::format("what is \"{}\"?", word));
      out.scenarios.push_back(&*found);
    }
  }
  if (out.scenarios.empty()) {
    for (const fleet_scenario& each : fleet_scenarios()) out.scenarios.push_back(&each);
  }
  return out;
}

int run(const command_line& wanted) {
  if (wanted.wants_help) {
    fmt::print("{}", usage);
    for (const fleet_scenario& each : fleet_scenarios()) fmt::print("  {:14}{}\n", each.name, each.title);
    return 0;
  }
  const auto began = std::chrono::steady_clock::now();
  fleet_report report(wanted.plots);
  for (const fleet_scenario* const each : wanted.scenarios) each->run(wanted.options, report);
  if (!wanted.options.is_quick) report.print_goals();  // with so few clients the figures would be random
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print(stderr, "{:.1f} s\n", took.count());
  return 0;
}

}  // namespace
}  // namespace sdconnect::bench

int main(int argc, char** argv) {
  try {
    return sdconnect::bench::run(sdconnect::bench::read({argv + 1, argv + argc}));
  } catch (const std::invalid_argument& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 64;
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
}
