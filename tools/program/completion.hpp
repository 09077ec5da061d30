/// \file
/// Generates shell completion from the tables of commands and options.
///
/// In each shell: the first word is a command; behind `exec SERVICE --` stands a command, completed
/// as at the start of a line; values of options are completed behind a blank and behind `=`.
#pragma once

#include "program/description.hpp"

#include <string>

namespace sdconnect::cli {

[[nodiscard]] std::string bash_completion(const description& program);
[[nodiscard]] std::string zsh_completion(const description& program);
[[nodiscard]] std::string fish_completion(const description& program);

/// Runs `PROGRAM completion bash|zsh|fish`. Every program has this command.
exit_code run_completion(const invocation& said);

}  // namespace sdconnect::cli
