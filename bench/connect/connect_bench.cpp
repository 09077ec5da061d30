/// \file
/// From a service name to a connection on this machine: the cost compared with Asio's own
/// async_connect, the number of name server answers it waits for, and its behaviour when the name
/// server does not answer. `--quick` runs everything once, briefly; `--only ours|asio --connects N`
/// runs one side of the first comparison, for counting with callgrind.
#include "bench/connect/listener.hpp"
#include "bench/connect/parts.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;

struct effort {
  std::size_t rounds, connects;  // for a known service
  std::size_t runs;              // for a new service
  silence without_dns;
};
constexpr effort whole{101, 300, 21, {5s, 30s}};
constexpr effort quick{2, 50, 1, {2s, 3s}};

int usage() {
  std::fprintf(stderr, "usage: connect_bench [--quick | --only ours|asio --connects N]\n");
  return 64;
}

int run(int argc, char** argv) {
  const bool is_quick = argc == 2 && argv[1] == std::string_view("--quick");
  const bool is_alone = argc == 5 && argv[1] == std::string_view("--only") &&
                        (argv[2] == std::string_view("ours") || argv[2] == std::string_view("asio")) &&
                        argv[3] == std::string_view("--connects");
  if (argc > 1 && !is_quick && !is_alone) return usage();

  listener_process listener;
  if (is_alone) {
    const std::size_t connects = std::strtoull(argv[4], nullptr, 10);
    if (connects == 0) return usage();
    run_alone(listener, argv[2], connects);
    return 0;
  }
  const effort& with = is_quick ? quick : whole;
  compare_known(listener, with.rounds, with.connects);
  measure_new(listener, with.runs);
  connect_in_silence(listener, with.without_dns);
  return 0;
}

}  // namespace
}  // namespace sdconnect::bench

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    return sdconnect::bench::run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
  }
}
