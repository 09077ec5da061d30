/// \file
/// What --help and --version print.
#pragma once

#include "program/description.hpp"

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Of one command, or for an empty name of the whole program.
[[nodiscard]] std::string help_text(const description& program, std::string_view command);
[[nodiscard]] std::string version_text(const description& program);

}  // namespace sdconnect::cli
