/// \file
/// parse_command_line with its surroundings as arguments, for tests.
#pragma once

#include "options.hpp"
#include "settings.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace sdconnect::cli {

struct surroundings {
  environment variables;
  std::filesystem::path system_config = "/etc/sd-connect/config.toml";
  std::function<void(std::string_view)> print;  ///< for --help and --version
};

/// `given` is argv without the program's name. Otherwise as parse_command_line.
[[nodiscard]] std::optional<options> parse_arguments(std::span<const char* const> given, const surroundings& around);

}  // namespace sdconnect::cli
