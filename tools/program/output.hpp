/// \file
/// Writes data to stdout and reports every write error.
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

namespace sdconnect::cli {

enum class color_mode { automatic, always, never };

/// Thrown when no process reads stdout any more. Ends the program with exit code 74 and no line on
/// stderr, because `sd-connect ... | head -1` is normal use.
struct reader_gone {};

/// Writes through stdio's buffer. Throws reader_gone, or failure (74) for any other error, e.g. a
/// full disk.
void print(std::string_view data);
/// Writes the buffered data. Throws like print. Call it before the program reports success.
void flush_output();

/// Writes without a buffer as much of `data` as a writable pipe takes without blocking, and returns
/// the number of octets written; 0 if stdout was not ready. Throws like print.
[[nodiscard]] std::size_t write_some(std::string_view data);

/// How data for people looks. Implicit: most callers only choose the colour.
struct appearance {
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  appearance(bool with_color = false, std::size_t columns = unlimited) noexcept
      : is_colored(with_color), width(columns) {}

  bool is_colored;
  std::size_t width;  ///< in columns of a terminal
};

/// Returns whether output to `descriptor` is coloured: as --color or NO_COLOR says, otherwise only
/// on a terminal that is not "dumb".
[[nodiscard]] bool is_colored(color_mode wish, int descriptor);

/// The colour as above, and the width of the terminal; no limit if `descriptor` is none or the
/// terminal does not say its width.
[[nodiscard]] appearance appearance_of(color_mode wish, int descriptor);

}  // namespace sdconnect::cli
