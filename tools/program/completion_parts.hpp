/// \file
/// What the completion scripts of the three shells have in common.
#pragma once

#include "program/description.hpp"

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// The program's name in the form that function names use: "sd_connect".
[[nodiscard]] std::string identifier(const description& program);
/// "a|b" as "a b".
[[nodiscard]] std::string spaced(std::string_view choices);
/// Quotes the text for a shell. In fish it must not contain a backslash.
[[nodiscard]] std::string single_quoted(std::string_view text);

[[nodiscard]] bool takes_file(const option_spec& spec) noexcept;
/// Whether a command to run follows `--`.
[[nodiscard]] bool takes_command(const command& c) noexcept;
/// Returns the valid first arguments of the command, "a b c"; empty if there is no list of them.
[[nodiscard]] std::string first_arguments(const description& program, const command& c);

[[nodiscard]] std::string command_names(const description& program, char separator);
/// Names of the commands that run another command.
[[nodiscard]] std::string running_commands(const description& program, char separator);
/// Spellings of the options that take a value: "--zone -z --service -s".
[[nodiscard]] std::string options_with_value(const description& program, char separator);

}  // namespace sdconnect::cli
