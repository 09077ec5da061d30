/// \file
/// The whole program behind main().
#pragma once

#include "program/description.hpp"

namespace sdconnect::cli {

/// Parses, runs the command, and turns everything that is thrown into an exit code and one line on
/// stderr.
[[nodiscard]] int run_program(const description& program, int argc, const char* const* argv) noexcept;

}  // namespace sdconnect::cli
