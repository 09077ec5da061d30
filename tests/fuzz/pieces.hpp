/// \file
/// Cuts the input of a fuzz target into pieces.
#pragma once

#include "fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sdconnect::fuzz {

/// The first octet is the number of piece sizes behind it; 0 as a size means 256. The rest is the
/// content.
struct cut_input {
  explicit cut_input(std::span<const std::uint8_t> input) {
    if (input.empty()) return;
    const std::size_t count = std::min<std::size_t>(input[0] % 16, input.size() - 1);
    sizes = input.subspan(1, count);
    content = text_of(input.subspan(1 + count));
  }

  /// The text in pieces; the sizes repeat.
  [[nodiscard]] std::vector<std::string_view> pieces_of(std::string_view text) const {
    std::vector<std::string_view> out;
    for (std::size_t i = 0; !text.empty(); ++i) {
      const std::size_t wanted = sizes.empty() || sizes[i % sizes.size()] == 0 ? 256 : sizes[i % sizes.size()];
      out.push_back(text.substr(0, wanted));
      text.remove_prefix(out.back().size());
    }
    return out;
  }

  std::span<const std::uint8_t> sizes;
  std::string_view content;
};

}  // namespace sdconnect::fuzz
