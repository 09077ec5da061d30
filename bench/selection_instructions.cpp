#include "selection_instructions.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace sdconnect::bench {
namespace {

double collected(const std::string& what, std::size_t size, std::size_t times) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string command = "valgrind --tool=callgrind --callgrind-out-file=/dev/null '" + self + "' --choose '" +
                              what + "' " + std::to_string(size) + ' ' + std::to_string(times) + " 2>&1";
  const auto close = [](std::FILE* pipe) { ::pclose(pipe); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe(::popen(command.c_str(), "r"), close);
  std::string line(1000, '\0');
  while (pipe && std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()) != nullptr) {
    constexpr std::string_view label = "Collected : ";
    if (const std::size_t at = line.find(label); at != std::string::npos)
      return std::stod(line.substr(at + label.size()));
  }
  throw std::runtime_error("no count from: " + command);
}

}  // namespace

double instructions_of(const std::string& what, std::size_t size, std::size_t times) {
  return (collected(what, size, 2 * times) - collected(what, size, times)) / static_cast<double>(times);
}

}  // namespace sdconnect::bench
