/// \file
/// Data on stdout, with every write error noticed.
#pragma once

#include <cstddef>
#include <string_view>

namespace sdconnect::cli {

enum class color_mode { automatic, always, never };

/// Ends the program when nobody reads stdout any more: exit code 74, and no line on stderr
/// (`sd-connect ... | head -1` is no accident).
struct reader_gone {};

/// Buffered. Throws reader_gone, or failure (74) for any other error, e.g. a full disk.
void print(std::string_view data);
/// Writes what is buffered. Throws as print. To be called before the program says that it
/// succeeded.
void flush_output();

/// Unbuffered, and what fits a pipe that is ready without waiting: says how much of `data` that
/// was. 0: it was not ready. Throws as print.
[[nodiscard]] std::size_t write_some(std::string_view data);

/// Whether output to `descriptor` is to be coloured: --color, NO_COLOR, and otherwise only on a
/// terminal that is not "dumb".
[[nodiscard]] bool is_colored(color_mode wish, int descriptor);

}  // namespace sdconnect::cli
