/// \file
/// Base64 (RFC 4648 §4), as Basic authentication uses it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sdconnect::helper {

/// Returns nothing for another character than those of the alphabet, and `=` at the end.
[[nodiscard]] inline std::optional<std::string> base64_decoded(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    const std::size_t six = alphabet.find(c);
    if (six == std::string_view::npos) return {};
    bits = (bits << 6U | static_cast<unsigned>(six)) & 0xfffU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xffU);
  }
  return out;
}

}  // namespace sdconnect::helper
