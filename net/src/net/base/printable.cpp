#include "net/base/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sdconnect::detail {
namespace {

struct code_point_range {
  char32_t first, last;
};

// Well-formed characters that can make a line read differently than it is (Unicode TR 36 §2,
// "Trojan Source", CVE-2021-42574): controls, the invisible Default_Ignorable_Code_Point characters
// of Unicode 15, line and paragraph separators, bidirectional overrides, and non-characters.
constexpr auto deceptive = std::to_array<code_point_range>({
    {0x80, 0x9f},        // C1 controls
    {0xad, 0xad},        // soft hyphen
    {0x34f, 0x34f},      // combining grapheme joiner
    {0x61c, 0x61c},      // Arabic letter mark
    {0x115f, 0x1160},    // Hangul fillers
    {0x17b4, 0x17b5},    // Khmer inherent vowels
    {0x180b, 0x180f},    // Mongolian variation selectors and vowel separator
    {0x200b, 0x200f},    // zero-width characters, direction marks
    {0x2028, 0x202e},    // separators, bidirectional embeddings and overrides
    {0x2060, 0x206f},    // invisible operators, bidirectional isolates
    {0x3164, 0x3164},    // Hangul filler
    {0xd800, 0xdfff},    // surrogates, which UTF-8 must not contain
    {0xfdd0, 0xfdef},    // non-characters
    {0xfe00, 0xfe0f},    // variation selectors
    {0xfeff, 0xfeff},    // byte order mark
    {0xffa0, 0xffa0},    // halfwidth Hangul filler
    {0xfff0, 0xfffb},    // unassigned and ignorable, interlinear annotations
    {0x1bca0, 0x1bca3},  // shorthand format controls
    {0x1d173, 0x1d17a},  // musical format controls
    {0xe0000, 0xe0fff},  // tags, more variation selectors
});

bool is_deceptive(char32_t c) noexcept {
  const bool non_character = (c & 0xfffe) == 0xfffe;  // the last two code points of each plane
  return non_character ||
         std::ranges::any_of(deceptive, [c](code_point_range r) { return c >= r.first && c <= r.last; });
}

}  // namespace

// RFC 3629 §3: shortest form only, no surrogates, nothing above U+10FFFF.
std::size_t printable_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = octet(0);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;

  std::size_t length = 0;
  char32_t code_point = 0;
  char32_t smallest = 0;
  if ((lead & 0xe0) == 0xc0) {
    length = 2, code_point = lead & 0x1fu, smallest = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3, code_point = lead & 0x0fu, smallest = 0x800;
  } else if ((lead & 0xf8) == 0xf0) {
    length = 4, code_point = lead & 0x07u, smallest = 0x10000;
  }
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return 0;
    code_point = code_point << 6 | (octet(i) & 0x3fu);
  }
  if (code_point < smallest || code_point > 0x10ffff || is_deceptive(code_point)) return 0;
  return length;
}

bool is_printable(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = printable_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = printable_length(text);
    if (length == 0) {
      const auto octet = static_cast<std::uint8_t>(text.front());
      out += {'\\', static_cast<char>('0' + octet / 100), static_cast<char>('0' + octet / 10 % 10),
              static_cast<char>('0' + octet % 10)};
    } else if (text.front() == '\\') {
      out += "\\\\";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace sdconnect::detail
