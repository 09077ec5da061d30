/// \file
/// argv, sorted into options, words and what follows `--`, but not yet understood.
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
  std::vector<std::string> words;                  ///< everything that is neither an option nor an option's value
  std::optional<std::vector<std::string>> behind;  ///< what follows the first `--`
  std::vector<std::string> unknown;                ///< looks like an option and is none of the table
};

/// `given` is argv without the program's name. Throws failure (64) for an option without its value,
/// or a flag with one.
[[nodiscard]] arguments split_arguments(const description& program, std::span<const char* const> given);

}  // namespace sdconnect::cli
