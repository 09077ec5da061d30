/// \file
/// Signals that end the program, for commands that have something to put in order before.
#pragma once

namespace sdconnect::cli {

/// Whether whoever started the program wishes it so (nohup): such a signal is left alone.
[[nodiscard]] bool is_ignored(int signal) noexcept;

}  // namespace sdconnect::cli
