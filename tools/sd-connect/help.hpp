/// \file
/// What --help and --version print.
#pragma once

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Of one command, or for an empty name of the whole program.
[[nodiscard]] std::string help_text(std::string_view command);
[[nodiscard]] std::string version_text();

}  // namespace sdconnect::cli
