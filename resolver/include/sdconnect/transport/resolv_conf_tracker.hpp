/// \file
/// Notices that resolv.conf changed while a program runs.
#pragma once

#include "sdconnect/transport/resolv_conf.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace sdconnect {

/// Holds the configuration in force. Ask has_changed() before a query, as often as you like:
///
///  1. A look at the file is one stat(2), and there is one per second at most, so that a file
///     written a hundred times a second makes one change per second at most.
///  2. The file is read again when device, inode, size or one of its times is another: it was
///     renamed over, written, replaced, made anew, or its link leads elsewhere.
///  3. It is read once more at the look that follows, whatever stat says: two writes within one
///     tick of the file system's clock look the same.
///  4. A file that names no server, because it is empty or gone, counts only when the next look
///     finds the same: it may have been caught half written.
///  5. What cannot be read (a directory, a FIFO, no permission) changes nothing, and is in error().
///  6. With `options no-reload` there are no looks.
///
/// Queries under way are not touched: whoever asked moves to the new servers with the next query.
/// Not thread safe. The environment is taken once, in the constructor.
class resolv_conf_tracker {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Reads the file. When it is unreadable, error() says so and current() is the default,
  /// 127.0.0.1.
  explicit resolv_conf_tracker(time_point now, std::filesystem::path file = resolv_conf::default_file,
                               resolv_environment environment = resolv_environment::of_process());
  resolv_conf_tracker(resolv_conf_tracker&&) noexcept;
  resolv_conf_tracker& operator=(resolv_conf_tracker&&) noexcept;
  ~resolv_conf_tracker();

  /// True when current() has become another since the last call.
  [[nodiscard]] bool has_changed(time_point now);
  [[nodiscard]] const resolv_conf& current() const noexcept;
  /// Why the file, as it was last seen, is not in force; no error otherwise.
  [[nodiscard]] error_code error() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace sdconnect
