/// \file
/// What a command line says, with the environment and the configuration file below it.
#pragma once

#include "program/arguments.hpp"
#include "program/config_file.hpp"
#include "program/description.hpp"
#include "program/settings.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sdconnect::cli {

/// What was said, but not yet what it means. The strongest first: flags, environment, file.
struct invocation {
  const description& program;
  std::string command;  ///< a row of the command table
  arguments given;
  settings from_environment;
  config from_file;
};

struct surroundings {
  environment variables;
  std::filesystem::path system_config = {};     ///< empty: /etc/FOLDER/config.toml
  std::function<void(std::string_view)> print;  ///< for --help and --version

  [[nodiscard]] static surroundings of_process();
};

/// `given` is argv without the program's name. `--help` and `--version` print and return nullopt.
/// Throws failure: usage (64), no_input (66), configuration (78).
[[nodiscard]] std::optional<invocation> parse(const description& program, std::span<const char* const> given,
                                              const surroundings& around);

}  // namespace sdconnect::cli
