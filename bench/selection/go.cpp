#include "bench/selection/go.hpp"

#include "bench/selection/command.hpp"

#include <filesystem>
#include <string>

namespace sdconnect::bench {
namespace {

std::filesystem::path go_order() {
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename("go_order");
}

}  // namespace

bool has_go_order() { return std::filesystem::exists(go_order()); }

double go_order_cost(std::size_t size) {
  return std::stod(output_of('\'' + go_order().string() + "' " + std::to_string(size) + " 100"));
}

}  // namespace sdconnect::bench
