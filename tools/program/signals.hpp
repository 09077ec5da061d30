/// \file
/// Signals that end the program, for commands that must clean up first.
#pragma once

namespace sdconnect::cli {

/// Returns whether the parent process set the signal to be ignored (nohup). Such a signal stays
/// ignored.
[[nodiscard]] bool is_ignored(int signal) noexcept;

}  // namespace sdconnect::cli
