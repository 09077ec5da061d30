/// \file
/// Choosing an endpoint, publishing a change, and full RFC 2782 orders, compared with other
/// implementations, in one process and alternately. `--quick` runs everything once, briefly;
/// `--callgrind` counts instructions instead.
#include "bench/selection/goals.hpp"

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace sdconnect::bench;

constexpr selection_effort whole{101, 100e3, 4e6, 1'000'000};
constexpr selection_effort quick{3, 5e3, 50e3, 20'000};

void compare(const selection_effort& with) {
  // Real clients have threads, and the standard library uses locked instructions for reference
  // counts after the first thread has started.
  std::thread([] {}).join();
  compare_picks(with);
  compare_threads(with);
  compare_publishing(with);
  compare_orders(with);
  print_policies(with);
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    compare(whole);
  } else if (arguments == std::vector<std::string>{"--quick"}) {
    compare(quick);
  } else if (arguments == std::vector<std::string>{"--callgrind"}) {
    count_instructions();
  } else if (arguments.size() == 4 && arguments[0] == "--choose") {
    const std::size_t size = std::stoul(arguments[2]), times = std::stoul(arguments[3]);
    return choose_picks(arguments[1], size, times) || choose_orders(arguments[1], size, times) ? 0 : 64;
  } else {
    std::fprintf(stderr, "usage: selection_bench [--quick|--callgrind]\n");
    return 64;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
  }
}
