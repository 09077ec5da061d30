/// \file
/// Runs a command; the event loop waits for its end, and no process of its group is left behind.
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

/// Leads its own process group. No other code may wait for it (SIGCHLD may be handled, but not
/// ignored).
class child_process : public std::enable_shared_from_this<child_process> {
  struct key {};

 public:
  /// Runs `arguments` with only `environment` ("NAME=value"). Looks for the first argument in PATH.
  /// The child has no descriptors except /dev/null for the first three, and no signal is blocked or
  /// ignored. Errors: those of the operating system, also of exec (ENOENT, EACCES).
  [[nodiscard]] static result<std::shared_ptr<child_process>> start(const boost::asio::any_io_executor& executor,
                                                                    std::vector<std::string> arguments,
                                                                    std::vector<std::string> environment);

  child_process(key, boost::asio::posix::stream_descriptor handle, pid_t id);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  /// Kills and reaps the process if it still runs.
  ~child_process();

  /// Calls `ended` with the exit code, or 128 + n after signal n, when the process has ended and is
  /// reaped; by then the remaining processes of its group have been killed. Keeps the object alive
  /// until then. Call it once.
  void wait(std::function<void(error_code ec, int exit_code)> ended);
  /// Sends SIGKILL to the whole group.
  void kill() noexcept;

 private:
  [[nodiscard]] error_code reap(int& exit_code) noexcept;

  boost::asio::posix::stream_descriptor handle_;  // pidfd: readable when the process has ended
  pid_t id_;                                      // 0: reaped
};

}  // namespace sdconnect::detail
