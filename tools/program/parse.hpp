/// \file
/// Reads the command line, the environment and the configuration file into layers.
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

/// The text of all layers, not yet interpreted. Strongest layer first: flags, environment, file.
struct invocation {
  const description& program;
  std::string command;  ///< a name in the command table
  arguments given;
  settings from_environment;
  config from_file;
};

struct surroundings {
  environment variables;
  std::filesystem::path system_config = {};     ///< empty: /etc/FOLDER/config.toml
  std::function<void(std::string_view)> print;  ///< prints the texts of --help and --version

  [[nodiscard]] static surroundings of_process();
};

/// `given` is argv without the program's name. `--help` and `--version` print their text and return
/// nullopt. Throws failure: usage (64), no_input (66), configuration (78).
[[nodiscard]] std::optional<invocation> parse(const description& program, std::span<const char* const> given,
                                              const surroundings& around);

/// Reads the configuration file that the flags and this process's environment name, or the default
/// one. Throws as load_config.
[[nodiscard]] config load_config_for(const invocation& said);

}  // namespace sdconnect::cli
