#include "text/terminal_text.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using sdconnect::cli::terminal_text;

namespace {

std::string shown(std::string_view octets, std::size_t piece) {
  terminal_text text;
  std::string out;
  for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size())))
    out += text.put(octets.substr(0, piece));
  return out + text.finish();
}

}  // namespace

TEST_CASE("terminal_text: text stays, control characters are escaped, however the octets are cut",
          "[cli][http][fault-L23]") {
  const auto [octets, expected] = GENERATE(table<std::string, std::string>({
      {"plain \\ text\n\ttab\n", "plain \\ text\n\ttab\n"},
      {"line\r\nline\r\n", "line\nline\n"},
      {"\x1b[2J\x1b]0;title\x07", "\\027[2J\\027]0;title\\007"},
      {"good\rbad", "good\\013bad"},
      {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
      {"C1 \xc2\x9b"
       "31m",
       "C1 \\194\\155"
       "31m"},
      {"bidi \xe2\x80\xae", "bidi \\226\\128\\174"},
      {"broken \xc3(", "broken \\195("},
      {"cut \xe2\x82", "cut \\226\\130"},
      {"raw \x9b \x7f", "raw \\155 \\127"},
      {"end\r", "end\\013"},
  }));
  const std::size_t piece = GENERATE(1, 2, 3, 1000);
  INFO("pieces of " << piece);
  CHECK(shown(octets, piece) == expected);
}
