/// \file
/// A command under our supervision: its end is awaited by the event loop, and nothing of it stays
/// behind.
#pragma once

#include "sdconnect/net/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace sdconnect::detail {

/// Leads a process group of its own. Nobody else may wait for it (SIGCHLD may be handled, not
/// ignored).
class child_process : public std::enable_shared_from_this<child_process> {
  struct key {};

 public:
  /// Runs `arguments`, the first of which is looked for in PATH, with nothing but `environment`
  /// ("NAME=value"): no descriptors but /dev/null for the first three, no signal blocked or
  /// ignored. Errors: of the operating system, of exec too (ENOENT, EACCES).
  [[nodiscard]] static result<std::shared_ptr<child_process>> start(const boost::asio::any_io_executor& executor,
                                                                    std::vector<std::string> arguments,
                                                                    std::vector<std::string> environment);

  child_process(key, boost::asio::posix::stream_descriptor handle, pid_t id);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  /// Kills and reaps it, if it still runs.
  ~child_process();

  /// Calls `ended` with the exit code, 128 + n after signal n, when it has ended and is reaped;
  /// what it left in its group has been killed by then. Keeps itself alive that long. To be called
  /// once.
  void wait(std::function<void(error_code ec, int exit_code)> ended);
  /// The whole group, by SIGKILL.
  void kill() noexcept;

 private:
  [[nodiscard]] error_code reap(int& exit_code) noexcept;

  boost::asio::posix::stream_descriptor handle_;  // a pidfd: readable when the process has ended
  pid_t id_;                                      // 0: reaped
};

}  // namespace sdconnect::detail
