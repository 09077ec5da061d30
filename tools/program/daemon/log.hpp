/// \file
/// Log lines of a program that runs for long.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace sdconnect::cli {

enum class log_level : std::uint8_t { error, warning, info, debug };
/// "error", "warning", ...
[[nodiscard]] std::string_view to_string(log_level level) noexcept;

enum class log_format : std::uint8_t { text, json };

struct log_field {
  std::string_view key;
  std::variant<std::string_view, std::uint64_t> value;
};

struct log_record {
  log_level level = log_level::info;
  std::string_view id = {};  ///< of the connection it is about; may be empty
  std::string_view message;
  std::span<const log_field> fields = {};
};

/// What precedes the message in a line.
struct log_prefix {
  bool has_time = true;       ///< UTC with milliseconds, RFC 3339
  bool has_priority = false;  ///< "<4>", as sd-daemon(3) says, instead of the level (text only)
};

/// Returns one line with its newline, whatever the record holds:
///
///     2026-08-01T12:00:00.123Z warning [c17] connect failed service=_http._tcp.example.com error="connection refused"
///     {"time":"2026-08-01T12:00:00.123Z","level":"warning","id":"c17","message":"connect failed","service":...}
///
/// Text that is not printable is escaped (net/base/printable.hpp).
[[nodiscard]] std::string log_line(const log_record& record, log_format format, log_prefix prefix,
                                   std::chrono::system_clock::time_point time);

struct log_options {
  log_format format = log_format::text;
  log_level threshold = log_level::info;  ///< of the lines written, the least important level
};

/// Writes each line to a descriptor with one system call. Text lines to journald have no time,
/// which journald adds, and a priority. Lines that cannot be written are lost. Thread safe.
class logger {
 public:
  explicit logger(const log_options& options, int descriptor = 2);

  [[nodiscard]] bool is_enabled(log_level level) const noexcept { return level <= options_.threshold; }
  void write(log_level level, std::string_view id, std::string_view message,
             std::initializer_list<log_field> fields = {}) const;

 private:
  log_options options_;
  log_prefix prefix_;
  int descriptor_;
};

/// Whether `descriptor` is the stream to journald that JOURNAL_STREAM names.
[[nodiscard]] bool is_journal(int descriptor) noexcept;

}  // namespace sdconnect::cli
