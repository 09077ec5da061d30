#include "program/value_text.hpp"

#include "sd-connect/options/http_values.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace sdconnect::cli;
using namespace std::chrono_literals;

TEST_CASE("durations: a number and one of ms, s, m, h", "[cli]") {
  CHECK(*duration_from_text("5s") == 5s);
  CHECK(*duration_from_text("500ms") == 500ms);
  CHECK(*duration_from_text("2m") == 2min);
  CHECK(*duration_from_text("1h") == 1h);
  CHECK(*duration_from_text("24h") == 24h);
  CHECK(*duration_from_text("0005s") == 5s);
}

TEST_CASE("durations: a number alone is seconds, and may have a fraction", "[cli]") {
  CHECK(*duration_from_text("5") == 5s);
  CHECK(*duration_from_text("86400") == 24h);
  CHECK(*duration_from_text("0.5") == 500ms);
  CHECK(*duration_from_text("2.") == 2s);
  CHECK(*duration_from_text("1.5h") == 90min);
  CHECK(*duration_from_text("0.001") == 1ms);
  CHECK(*duration_from_text("0.3") == 300ms);
}

TEST_CASE("durations: everything else is refused with a hint", "[cli]") {
  const std::string endless(400, '9');
  for (const char* text : {"",
                           "s",
                           ".",
                           ".s",
                           "5x",
                           "-5s",
                           "+5s",
                           "5 s",
                           " 5s",
                           "1.2.3",
                           "1,5",
                           "5S",
                           "0s",
                           "25h",
                           "0ms",
                           "0",
                           "0.0004",
                           "5s5s",
                           "86401",
                           "1e3",
                           "0x10",
                           "inf",
                           "nan",
                           "99999999999999999999999999s",
                           "18446744073709551615h",
                           endless.c_str()}) {
    INFO(text);
    const auto parsed = duration_from_text(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK_FALSE(parsed.error().hint.empty());
  }
  CHECK(duration_from_text(endless).error().what == "too long");
}

TEST_CASE("numbers: decimal digits within their range", "[cli]") {
  CHECK(*number_from_text("1", 1, 65535) == 1);
  CHECK(*number_from_text("65535", 1, 65535) == 65535);
  CHECK(*number_from_text("18446744073709551615", 0, std::numeric_limits<std::uint64_t>::max()) ==
        std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"", "0", "65536", "-1", "+1", " 1", "1 ", "0x10", "1e3", "99999999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(number_from_text(text, 1, 65535).has_value());
  }
}

TEST_CASE("choices: the position in the list, whole words only, in any letter case", "[cli][fault-O37]") {
  CHECK(*choice_from_text("auto", "auto|always|never") == 0);
  CHECK(*choice_from_text("never", "auto|always|never") == 2);
  CHECK(*choice_from_text("Never", "auto|always|never") == 2);
  for (const char* text : {"", "au", "auto|always", "always "}) {
    const auto parsed = choice_from_text(text, "auto|always|never");
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().hint == "auto, always or never");
  }
}

TEST_CASE("header fields: a token, a colon, a value that cannot end the line", "[cli]") {
  CHECK(*header_from_text("Accept: text/html") == "Accept: text/html");
  CHECK(*header_from_text("X-Empty:") == "X-Empty: ");
  CHECK(*header_from_text("a:  b \t") == "a: b");
  for (const char* text :
       {"", ":", "no colon", ": value", "a b: c", "a : c", "a: b\r\nc: d", "a: b\nc", "a: \x01", "\xc3\xa4: x"}) {
    INFO(text);
    CHECK_FALSE(header_from_text(text).has_value());
  }
  CHECK_FALSE(header_from_text(std::string_view("a: b\0c", 6)).has_value());
}

TEST_CASE("paths: as they stand in a request line", "[cli]") {
  CHECK(*path_from_text("/") == "/");
  CHECK(*path_from_text("/a/b?c=d&e=%20") == "/a/b?c=d&e=%20");
  for (const char* text : {"", "a", "http://x/", "/a b", "/a\r\nHost: x", "/a#b", "/\xc3\xa4", "/\x7f"}) {
    INFO(text);
    CHECK_FALSE(path_from_text(text).has_value());
  }
}
