/// \file
/// Options as text, before they are interpreted: three layers (flags, environment, file) of the
/// same type.
#pragma once

#include "program/description.hpp"

#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

/// One value and its source, for messages.
struct setting {
  std::string text;   ///< "true" or "false" for a flag without a value
  std::string where;  ///< "--timeout", "SD_CONNECT_TIMEOUT", "config.toml:3:11: timeout"
  exit_code blame{};  ///< usage for flags, configuration for everything else
};

/// Values by option name, in the order given.
using settings = std::map<std::string, std::vector<setting>, std::less<>>;

/// Returns nullptr for a variable that is not set. An empty variable counts as not set.
using environment = std::function<const char*(const char* variable)>;

/// Reads the options that environment variables set. Ignores empty variables.
[[nodiscard]] settings settings_from(std::span<const variable> known, const environment& variables);

/// Layers, strongest first. The first layer that has an option provides all its values; values of
/// several layers are never mixed.
class layers {
 public:
  explicit layers(std::vector<const settings*> strongest_first) : layers_(std::move(strongest_first)) {}

  /// Returns an empty vector if no layer sets the option.
  [[nodiscard]] const std::vector<setting>& all(std::string_view option) const;
  /// Returns the last value of the winning layer, or nullptr if no layer sets the option.
  [[nodiscard]] const setting* last(std::string_view option) const;
  [[nodiscard]] bool flag(std::string_view option) const;
  /// The value of a flag that may have one; nullptr without it.
  [[nodiscard]] const setting* value_of_flag(std::string_view option) const;
  /// Returns only the strongest layer that has one of these options: for options that together make
  /// one choice.
  [[nodiscard]] layers strongest_with(std::initializer_list<std::string_view> options) const;

 private:
  std::vector<const settings*> layers_;
};

}  // namespace sdconnect::cli
