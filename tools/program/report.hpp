/// \file
/// Failure messages on stderr: "PROGRAM: what: where: what to do", each on one line, escaped for
/// display.
#pragma once

#include "program/exit_code.hpp"

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Quotes text from a user or the network: escapes it, and cuts it after 80 octets so that the
/// message stays on one line.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// Joins the parts that are not empty by ": ".
[[nodiscard]] failure fail(exit_code code, std::string_view what, std::string_view where = {},
                           std::string_view hint = {});

/// Sets the prefix of failure messages. `name` must stay valid until the process ends. Call it
/// before starting any thread.
void name_program(std::string_view name) noexcept;

/// Prints one line on stderr, a failure or a note, with the program's name in front. Replaces
/// control characters that are still in the line.
void print_failure(std::string_view line);

}  // namespace sdconnect::cli
