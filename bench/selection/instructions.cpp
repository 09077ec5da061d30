#include "bench/selection/chooser.hpp"
#include "bench/selection/command.hpp"
#include "bench/selection/goals.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

namespace sdconnect::bench {
namespace {

constexpr std::array<std::size_t, 4> sizes{4, 16, 100, 1000};

/// Runs this program as `--choose WHAT SIZE TIMES` under callgrind. Errors: std::runtime_error
/// without valgrind.
double collected(const std::string& what, std::size_t size, std::size_t times) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string command = "valgrind --tool=callgrind --callgrind-out-file=/dev/null \"" + self + "\" --choose \"" +
                              what + "\" " + std::to_string(size) + ' ' + std::to_string(times) + " 2>&1";
  const std::string output = output_of(command);
  constexpr std::string_view label = "Collected : ";
  const std::size_t at = output.find(label);
  if (at == std::string::npos) throw std::runtime_error("no count from: " + command);
  return std::stod(output.substr(at + label.size()));
}

/// The start of the program costs the same in both runs; the difference cancels it.
double instructions_of(const std::string& what, std::size_t size, std::size_t times) {
  return (collected(what, size, 2 * times) - collected(what, size, times)) / static_cast<double>(times);
}

std::array<double, sizes.size()> print_row(const std::string& name, bool is_order = false) {
  std::array<double, sizes.size()> counts{};
  std::printf("%-30s", name.c_str());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t times = is_order ? std::max<std::size_t>(100'000 / sizes[i], 20) : 1'000'000;
    counts[i] = instructions_of(name, sizes[i], times);
    std::printf("%10.0f", counts[i]);
  }
  std::printf("\n");
  return counts;
}

}  // namespace

void count_instructions() {
  std::printf("%-30s%10s%10s%10s%10s\n", "instructions for each", "4", "16", "100", "1000");
  const auto ours = print_row("sdconnect");
  const auto floor = print_row("bare alias table");
  for (const rival& each : pick_rivals()) {
    if (each.name != "bare alias table" && !each.is_linear) print_row(each.name);
  }
  print_row("full order", true);
  std::printf("\n");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    std::printf("selection_pick_instructions_times_of_floor_%zu %.4g\n", sizes[i], ours[i] / floor[i]);
  }
}

}  // namespace sdconnect::bench
