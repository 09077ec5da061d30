/// \file
/// Shell completion, made from the tables of commands and options.
#pragma once

#include "program/description.hpp"

#include <string>

namespace sdconnect::cli {

[[nodiscard]] std::string bash_completion(const description& program);
[[nodiscard]] std::string zsh_completion(const description& program);
[[nodiscard]] std::string fish_completion(const description& program);

/// `PROGRAM completion bash|zsh|fish`: a command of every program.
exit_code run_completion(const invocation& said);

}  // namespace sdconnect::cli
