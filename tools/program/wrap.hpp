/// \file
/// Breaks prose into lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

/// Number of columns that help and the demo fit into.
inline constexpr std::size_t page_width = 80;

/// Breaks `text` at blanks into lines of at most `width` octets. A longer word has a line of its own.
/// REQUIRES: width > 0. The lines are views of `text`.
[[nodiscard]] std::vector<std::string_view> wrapped(std::string_view text, std::size_t width);

}  // namespace sdconnect::cli
