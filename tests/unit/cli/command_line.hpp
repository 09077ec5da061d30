/// \file
/// Parses command lines in an environment that the test defines.
#pragma once

#include "program/parse.hpp"
#include "sd-connect/options/interpret.hpp"
#include "sd-connect/sd_connect.hpp"
#include "support/scratch_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {

using words = std::vector<const char*>;

struct scene {
  std::map<std::string, std::string> variables;
  std::filesystem::path system_config = "/nonexistent/config.toml";
  std::string printed;

  std::optional<cli::invocation> said(const words& given) {
    cli::surroundings around;
    around.variables = [this](const char* variable) -> const char* {
      const auto found = variables.find(variable);
      return found == variables.end() ? nullptr : found->second.c_str();
    };
    around.system_config = system_config;
    around.print = [this](std::string_view text) { printed += text; };
    return cli::parse(cli::sd_connect(), given, around);
  }
  std::optional<cli::options> parse_or_print(const words& given) {
    const std::optional<cli::invocation> line = said(given);
    return line ? std::optional(cli::interpret(*line)) : std::nullopt;
  }
  cli::options parse(const words& given) { return parse_or_print(given).value(); }
};

inline cli::options parse(const words& given) { return scene().parse(given); }

/// The failure of a command line; code `done` if it succeeds.
struct refusal {
  cli::exit_code code = cli::exit_code::done;
  std::string line;
};

template <class Function>
refusal refusal_of(Function function) {
  try {
    (void)function();
  } catch (const cli::failure& f) {
    return {f.code(), f.what()};
  }
  return {};
}

inline refusal refusal_of(const words& given) {
  return refusal_of([&] { return parse(given); });
}

}  // namespace sdconnect::test
