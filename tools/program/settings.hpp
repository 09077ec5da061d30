/// \file
/// Options as text, before anybody knows what they mean: three layers (flags, environment, file) of
/// the same shape.
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

/// One value with where it was said, for messages.
struct setting {
  std::string text;   ///< of a flag: "true" or "false"
  std::string where;  ///< "--timeout", "SD_CONNECT_TIMEOUT", "config.toml:3:11: timeout"
  exit_code blame{};  ///< usage for flags, configuration for everything else
};

/// Values by option name, in the order given.
using settings = std::map<std::string, std::vector<setting>, std::less<>>;

/// nullptr for a variable that is not set. An empty variable counts as not set.
using environment = std::function<const char*(const char* variable)>;

/// What the environment says of options. An empty variable says nothing.
[[nodiscard]] settings settings_from(std::span<const variable> known, const environment& variables);

/// Layers, the strongest first: the first that has an option wins; values are never mixed.
class layers {
 public:
  explicit layers(std::vector<const settings*> strongest_first) : layers_(std::move(strongest_first)) {}

  /// Empty when nobody set it.
  [[nodiscard]] const std::vector<setting>& all(std::string_view option) const;
  /// The last value of the winning layer; nullptr when nobody set it.
  [[nodiscard]] const setting* last(std::string_view option) const;
  [[nodiscard]] bool flag(std::string_view option) const;
  /// Only the strongest layer that has one of these options: for options that are one choice
  /// together.
  [[nodiscard]] layers strongest_with(std::initializer_list<std::string_view> options) const;

 private:
  std::vector<const settings*> layers_;
};

}  // namespace sdconnect::cli
