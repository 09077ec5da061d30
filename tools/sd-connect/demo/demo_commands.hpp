/// \file
/// Command lines that the demo prints to be tried in another terminal.
#pragma once

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// How a shell calls this program: by its name if PATH leads to it, otherwise by its absolute path,
/// quoted.
[[nodiscard]] std::string own_command();

/// Returns `text` as one word of a shell's command line.
[[nodiscard]] std::string quoted_for_shell(const std::string& text);

/// Whether PATH leads to an executable of this name.
[[nodiscard]] bool is_installed(std::string_view program);

}  // namespace sdconnect::cli
