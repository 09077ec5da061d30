/// \file
/// Detects changes of resolv.conf while a program runs.
#pragma once

#include "sdconnect/transport/resolv_conf.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace sdconnect {

/// Holds the current configuration. Call has_changed() before a query, as often as you like:
///
///  1. A check is one stat(2), at most once per second, so a file that is written a hundred times a
///     second causes at most one change per second.
///  2. The tracker reads the file again if device, inode, size or one of its times differs: the
///     file was renamed over, written, replaced or created again, or its link points elsewhere.
///  3. The tracker reads the file once more at the next check, whatever stat says: two writes
///     within one tick of the file system's clock look the same.
///  4. A file that names no server, because it is empty or missing, counts only if the next check
///     finds the same: it may have been read half written.
///  5. A file that cannot be read (a directory, a FIFO, no permission) changes nothing; error()
///     reports it.
///  6. With `options no-reload` there are no checks.
///
/// Pending queries are not affected: a caller uses the new servers from its next query on. Not
/// thread safe. The constructor reads the environment once.
class resolv_conf_tracker {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Reads the file. If it is unreadable, error() says so and current() is the default, 127.0.0.1.
  explicit resolv_conf_tracker(time_point now, std::filesystem::path file = resolv_conf::default_file,
                               resolv_environment environment = resolv_environment::of_process());
  resolv_conf_tracker(resolv_conf_tracker&&) noexcept;
  resolv_conf_tracker& operator=(resolv_conf_tracker&&) noexcept;
  ~resolv_conf_tracker();

  /// Returns true if current() has changed since the last call.
  [[nodiscard]] bool has_changed(time_point now);
  [[nodiscard]] const resolv_conf& current() const noexcept;
  /// Why the file, as last seen, is not in use; success otherwise.
  [[nodiscard]] error_code error() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace sdconnect
