#include "selection_instructions.hpp"

#include "selection_command.hpp"

#include <filesystem>

namespace sdconnect::bench {
namespace {

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

}  // namespace

double instructions_of(const std::string& what, std::size_t size, std::size_t times) {
  return (collected(what, size, 2 * times) - collected(what, size, times)) / static_cast<double>(times);
}

}  // namespace sdconnect::bench
