/// \file
/// Generates manual pages (man(7)) from the tables of commands and options.
#pragma once

#include "program/description.hpp"

#include <string>

namespace sdconnect::cli {

/// Section 1: the program with its commands and options.
[[nodiscard]] std::string program_page(const description& program);
/// Section 5: the configuration file.
[[nodiscard]] std::string config_page(const description& program);

/// Runs the hidden command `PROGRAM manual 1|5`, which the build uses to make the pages.
exit_code run_manual(const invocation& said);

}  // namespace sdconnect::cli
