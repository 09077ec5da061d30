/// \file
/// The texts of --help and --version.
#pragma once

#include "program/description.hpp"

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Help for one command, or for the whole program if the name is empty.
[[nodiscard]] std::string help_text(const description& program, std::string_view command);
[[nodiscard]] std::string version_text(const description& program);

}  // namespace sdconnect::cli
