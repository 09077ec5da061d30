/// \file
/// The configuration file: TOML whose keys are the long names of options, and tables that the
/// program defines.
#pragma once

#include "program/description.hpp"
#include "program/settings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

/// One table of kind `named` or `listed`.
struct config_table {
  std::string_view of;  ///< config_table_spec::name
  std::string name;     ///< kind `named`: "example.com"
  std::string place;    ///< position of its heading, for messages: "config.toml:3:2"
  settings values;

  /// The values of a key; empty if it is not there.
  [[nodiscard]] const std::vector<setting>& all(std::string_view key) const {
    static const std::vector<setting> none;
    const auto found = values.find(key);
    return found == values.end() ? none : found->second;
  }
};

struct config {
  std::string path;  ///< of the file that was read; empty: none
  settings values;
  std::vector<config_table> tables;
};

/// `file` appears only in messages. Throws failure (78) with file, line and column for an unknown
/// key, a wrong type, or text that is not TOML.
[[nodiscard]] config config_from_text(const description& program, std::string_view text, const std::string& file);

/// Reads a file that the user names; `named_by` says where, for messages. Throws failure: 66 if it
/// cannot be read, and the failures of config_from_text.
[[nodiscard]] config config_from_file(const description& program, const std::string& file, std::string_view named_by);

/// Reads the file named by --config (`named`) or by the program's variable. Otherwise reads the
/// first file that exists: $XDG_CONFIG_HOME/FOLDER/config.toml (default ~/.config) or `system_file`
/// (empty: /etc/FOLDER/config.toml). Throws failure: 66 if a named file cannot be read, 78 if one
/// of the others exists and cannot be read, and the failures of config_from_text.
[[nodiscard]] config load_config(const description& program, const std::optional<std::string>& named,
                                 const environment& variables, std::filesystem::path system_file);

}  // namespace sdconnect::cli
