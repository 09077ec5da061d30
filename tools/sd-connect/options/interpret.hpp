/// \file
/// Interprets the words and settings of all layers.
#pragma once

#include "program/parse.hpp"
#include "sd-connect/options/options.hpp"

namespace sdconnect::cli {

/// Precedence: flags, environment, file, default. A --server in a stronger layer than the file also
/// disables the file's [zone] servers. Throws failure: usage (64) for words and flags,
/// configuration (78) for environment and file, and the failures of server_from.
[[nodiscard]] options interpret(const invocation& said);

/// Whether the output format is JSON, even if other settings are wrong.
[[nodiscard]] bool asks_for_json(const invocation& said);

}  // namespace sdconnect::cli
