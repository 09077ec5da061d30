/// \file
/// Shell completion, made from the tables of commands and options.
#pragma once

#include <string>

namespace sdconnect::cli {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

}  // namespace sdconnect::cli
