/// \file
/// Parses command lines in an environment made up by the test.
#pragma once

#include "program/parse.hpp"
#include "sd-connect/options/interpret.hpp"
#include "sd-connect/sd_connect.hpp"

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

/// A folder of its own that goes away with the object.
class scratch_folder {
 public:
  scratch_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sd-connect-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes a file, in a new sub-folder if need be, and gives back where it is.
  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

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

/// The failure that a command line ends with; code `done` when there is none.
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
