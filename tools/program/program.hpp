/// \file
/// The program that main() calls.
#pragma once

#include "program/description.hpp"

namespace sdconnect::cli {

/// Parses the command line, runs the command, and turns every exception into an exit code and one
/// line on stderr.
[[nodiscard]] int run_program(const description& program, int argc, const char* const* argv) noexcept;

}  // namespace sdconnect::cli
