/// \file
/// Runs other programs that the selection benchmark compares with.
#pragma once

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace sdconnect::bench {

/// Returns the output of a shell command. Errors: std::runtime_error if the command could not be
/// run or failed.
inline std::string output_of(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run: " + command);
  std::string output;
  std::array<char, 1024> part;
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), pipe)) output.append(part.data(), count);
  if (::pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
  return output;
}

}  // namespace sdconnect::bench
