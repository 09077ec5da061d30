/// \file
/// The configuration file: TOML whose keys are the long names of the common options, and [zone."example.com"] tables.
#pragma once

#include "server_list.hpp"
#include "settings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

struct config {
  settings values;
  std::vector<zone_servers> zones;
};

/// `file` is only named in messages. Throws failure (78) with file, line and column for an unknown key, a wrong type,
/// and what is not TOML.
[[nodiscard]] config config_from_text(std::string_view text, const std::string& file);

/// Reads the file named by --config (`named`) or SD_CONNECT_CONFIG, else the first that exists of
/// $XDG_CONFIG_HOME/sd-connect/config.toml (default ~/.config) and `system_file`. Throws failure: 66 when a file that
/// was named cannot be read, 78 when one of the others exists and cannot be read, and as above.
[[nodiscard]] config load_config(const std::optional<std::string>& named, const environment& variables,
                                 const std::filesystem::path& system_file);

}  // namespace sdconnect::cli
