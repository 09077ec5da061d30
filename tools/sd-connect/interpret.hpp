/// \file
/// From text to meaning: what the words and settings of all layers amount to.
#pragma once

#include "arguments.hpp"
#include "config_file.hpp"
#include "options.hpp"

#include <string>

namespace sdconnect::cli {

/// Precedence: flags, environment, file, default. A --server above the file also switches the file's [zone] servers
/// off. Throws failure: usage (64) for words and flags, configuration (78) for environment and file, and what
/// server_from throws.
[[nodiscard]] options interpret(std::string command, const arguments& given, const settings& from_environment,
                                const config& from_file);

}  // namespace sdconnect::cli
