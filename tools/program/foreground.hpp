/// \file
/// Runs a command in the foreground: with the terminal, the standard streams and the environment of
/// this process.
#pragma once

#include "sdconnect/net/error.hpp"

#include <string>
#include <vector>

namespace sdconnect::cli {

struct foreground_end {
  int exit_code = 0;  ///< 128 + n after signal n
  /// A signal was to end the command: SIGTERM or SIGHUP to this process, or SIGINT or SIGQUIT that
  /// also ended the command.
  bool was_interrupted = false;
};

/// Runs `arguments` in this process's group and waits for its end. Looks for the first argument in
/// PATH. While the command runs, SIGINT, SIGQUIT, SIGTERM and SIGHUP do not end this process; the
/// function passes on those that another process sent (the terminal signals the command itself).
/// Call it in the only thread. Errors: those of the operating system, also of exec (ENOENT, EACCES).
[[nodiscard]] result<foreground_end> run_in_foreground(std::vector<std::string> arguments);

}  // namespace sdconnect::cli
