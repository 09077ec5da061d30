/// \file
/// From text to meaning: what the words and settings of all layers amount to.
#pragma once

#include "program/parse.hpp"
#include "sd-connect/options/options.hpp"

namespace sdconnect::cli {

/// Precedence: flags, environment, file, default. A --server above the file also switches the
/// file's [zone] servers off. Throws failure: usage (64) for words and flags, configuration (78)
/// for environment and file, and what server_from throws.
[[nodiscard]] options interpret(const invocation& said);

}  // namespace sdconnect::cli
