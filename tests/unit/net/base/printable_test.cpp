// Which octets may reach a terminal unchanged.
#include "net/base/printable.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace std::string_literals;

namespace {

// An encoder after RFC 3629 §3, written for these tests; also makes surrogates and overlong forms
// of the given number of octets.
std::string utf8(char32_t c, int octets) {
  if (octets == 1) return {static_cast<char>(c)};
  std::string out;
  for (int i = octets - 1; i > 0; --i, c >>= 6) out.insert(out.begin(), static_cast<char>(0x80 | (c & 0x3f)));
  const int lead = octets == 2 ? 0xc0 : octets == 3 ? 0xe0 : 0xf0;
  return static_cast<char>(lead | static_cast<int>(c)) + out;
}

int octets_for(char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

std::string utf8(char32_t c) { return utf8(c, octets_for(c)); }

TEST_CASE("printable: readable characters stay as they are", "[dns][rfc3629][fault-N3]") {
  const char32_t c = GENERATE(U' ', U'~', U'\u00a1', U'\u00fc', U'\u07ff', U'\u0800', U'\u20ac', U'\u4f1a', U'\ud7ff',
                              U'\ue000', U'\ufffd', U'\U00010000', U'\U0001f5a8', U'\U0010fffd');
  CAPTURE(static_cast<unsigned>(c));
  const std::string text = utf8(c);
  CHECK(printable_length(text) == text.size());
  CHECK(printable_length(text + "rest") == text.size());
  CHECK(is_printable(text + text));
  CHECK(escaped(text) == text);
}

TEST_CASE("printable: nothing well-formed that deceives is shown", "[dns][fault-N4][fault-N6]") {
  const auto [what, c] = GENERATE(table<std::string, char32_t>({
      {"NUL", 0x00},
      {"BEL", 0x07},
      {"LF", 0x0a},
      {"CR", 0x0d},
      {"ESC", 0x1b},
      {"the last C0", 0x1f},
      {"DEL", 0x7f},
      {"the first C1", 0x80},
      {"CSI", 0x9b},
      {"the last C1", 0x9f},
      {"soft hyphen", 0xad},
      {"combining grapheme joiner", 0x34f},
      {"Arabic letter mark", 0x61c},
      {"Hangul filler", 0x115f},
      {"Mongolian vowel separator", 0x180e},
      {"zero-width space", 0x200b},
      {"zero-width joiner", 0x200d},
      {"right-to-left mark", 0x200f},
      {"line separator", 0x2028},
      {"bidi embedding", 0x202a},
      {"bidi override", 0x202e},
      {"word joiner", 0x2060},
      {"bidi isolate", 0x2066},
      {"the last bidi isolate", 0x2069},
      {"Hangul filler of another block", 0x3164},
      {"non-character", 0xfdd0},
      {"variation selector", 0xfe0f},
      {"byte order mark", 0xfeff},
      {"halfwidth Hangul filler", 0xffa0},
      {"interlinear annotation", 0xfff9},
      {"last of plane 0", 0xffff},
      {"musical format control", 0x1d173},
      {"last but one of plane 1", 0x1fffe},
      {"language tag", 0xe0041},
      {"supplementary variation selector", 0xe0100},
      {"last of all", 0x10ffff},
  }));
  CAPTURE(what);
  const std::string text = utf8(c);
  CHECK(printable_length(text) == 0);
  CHECK_FALSE(is_printable("a" + text));
  CHECK(escaped(text).size() == 4 * text.size());
}

TEST_CASE("printable: ill-formed UTF-8 is escaped octet by octet", "[dns][rfc3629][fault-N5]") {
  const auto [what, text, expected] = GENERATE(table<std::string, std::string, std::string>({
      {"continuation alone", "\x80", "\\128"},
      {"lead alone", "\xc3", "\\195"},
      {"lead, then a letter", "\xc3z", "\\195z"},
      {"lead twice, then the rest", "\xc3\xc3\xbc", "\\195\xc3\xbc"},
      {"two of three octets", "\xe2\x82", "\\226\\130"},
      {"two of three octets, then a letter", "\xe2\x82z", "\\226\\130z"},
      {"three of four octets", "\xf0\x9f\x96", "\\240\\159\\150"},
      {"overlong NUL", utf8(0, 2), "\\192\\128"},
      {"overlong slash in two", utf8('/', 2), "\\192\\175"},
      {"overlong slash in three", utf8('/', 3), "\\224\\128\\175"},
      {"overlong slash in four", utf8('/', 4), "\\240\\128\\128\\175"},
      {"the last overlong of three", utf8(0x7ff, 3), "\\224\\159\\191"},
      {"the last overlong of four", utf8(0xffff, 4), "\\240\\143\\191\\191"},
      {"the first surrogate", utf8(0xd800, 3), "\\237\\160\\128"},
      {"the last surrogate", utf8(0xdfff, 3), "\\237\\191\\191"},
      {"above U+10FFFF", utf8(0x110000, 4), "\\244\\144\\128\\128"},
      {"five octets, as once planned", "\xf8\x88\x80\x80\x80", "\\248\\136\\128\\128\\128"},
      {"0xFE and 0xFF", "\xfe\xff", "\\254\\255"},
  }));
  CAPTURE(what);
  CHECK(printable_length(text) == 0);
  CHECK_FALSE(is_printable(text));
  CHECK(escaped(text) == expected);
}

TEST_CASE("printable: the shortest form of every character or nothing", "[dns][rfc3629]") {
  std::size_t wrong = 0;
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    const std::string text = utf8(c);
    const std::size_t length = printable_length(text);
    wrong += length == text.size() || length == 0 ? 0 : 1;
    wrong += c >= 0x80 && printable_length(std::string_view(text).substr(0, text.size() - 1)) != 0 ? 1 : 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("printable: nothing is printable, and needs no escapes", "[dns]") {
  CHECK(printable_length("") == 0);
  CHECK(is_printable(""));
  CHECK(escaped("").empty());
}

TEST_CASE("escaped: a backslash is doubled, so that the text is unambiguous",
          "[dns][rfc-check-2][fault-N2][fault-N4]") {
  CHECK(escaped("a\\b") == "a\\\\b");
  CHECK(escaped("\\027") == "\\\\027");
  CHECK(escaped("\x1b[31m\0x"s) == "\\027[31m\\000x");
  CHECK(escaped("a b.c\"d'") == "a b.c\"d'");
}

}  // namespace
