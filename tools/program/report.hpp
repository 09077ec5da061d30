/// \file
/// Failure lines on stderr: "PROGRAM: what: where: what to do", each on one line, escaped for
/// display.
#pragma once

#include "program/exit_code.hpp"

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Text of a user or of the network between quotes: escaped, and cut after 80 octets so that the
/// line stays one line.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// The parts that are not empty, joined by ": ".
[[nodiscard]] failure fail(exit_code code, std::string_view what, std::string_view where = {},
                           std::string_view hint = {});

/// What stands in front of failures; it outlives the process's last one. Before any thread is
/// started.
void name_program(std::string_view name) noexcept;

/// One line on stderr, a failure or a note, with the program's name in front. A control character
/// that slipped through is replaced.
void print_failure(std::string_view line);

}  // namespace sdconnect::cli
