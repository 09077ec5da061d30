#include "sd-connect/demo/demo_commands.hpp"

#include "program/completion_parts.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

namespace fs = std::filesystem;

/// Returns an empty path if there is no such program.
fs::path found_in_path(std::string_view program) {
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable == nullptr ? std::string_view() : variable;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const fs::path file = fs::path(rest.substr(0, end)) / program;
    std::error_code ec;
    if (end > 0 && fs::is_regular_file(file, ec) && ::access(file.c_str(), X_OK) == 0) return file;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

}  // namespace

std::string quoted_for_shell(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+,@%").find(c) != std::string_view::npos;
  };
  return std::ranges::all_of(text, is_plain) ? text : single_quoted(text);
}

std::string own_command() {
  std::error_code ec;
  const fs::path own = fs::read_symlink("/proc/self/exe", ec);
  if (ec) return "sd-connect";  // without /proc
  const fs::path installed = found_in_path("sd-connect");
  if (!installed.empty() && fs::equivalent(installed, own, ec)) return "sd-connect";
  return quoted_for_shell(own.native());
}

bool is_installed(std::string_view program) { return !found_in_path(program).empty(); }

}  // namespace sdconnect::cli
