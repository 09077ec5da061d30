/// \file
/// Splits argv into options, words and the arguments behind `--`, without interpreting them.
#pragma once

#include "program/description.hpp"
#include "program/settings.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::cli {

struct arguments {
  settings flags;
  std::vector<std::string> words;                  ///< neither options, nor their values, nor "@VALUE"
  std::optional<std::vector<std::string>> behind;  ///< the arguments behind the first `--`
  std::vector<std::string> unknown;                ///< look like options but are not in the table
};

/// `given` is argv without the program's name. Throws failure (64) if an option lacks its value or
/// a flag has one.
[[nodiscard]] arguments split_arguments(const description& program, std::span<const char* const> given);

}  // namespace sdconnect::cli
