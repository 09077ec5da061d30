#include "text/table.hpp"

#include "text/names.hpp"
#include "unit/cli/found_service.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::test;
using cli::table;

TEST_CASE("table: columns are aligned, numbers to the right, no blanks at the end of a line", "[cli]") {
  table t({{.title = "NAME", .field = "name"},
           {.title = "N", .field = "n", .right_aligned = true},
           {.title = "X", .field = "x"}});
  t.add({"a", "100", "last"});
  t.add({"longer", "1", ""});
  CHECK(t.aligned(false) ==
        "NAME      N  X\n"
        "a       100  last\n"
        "longer    1\n");
}

TEST_CASE("table: alignment counts terminal cells, not octets", "[cli]") {
  CHECK(cli::display_width("abc") == 3);
  CHECK(cli::display_width("h\xc3\xa9llo") == 5);
  CHECK(cli::display_width("\xe6\x97\xa5\xe6\x9c\xac") == 4);  // two CJK characters
  CHECK(cli::display_width("\xf0\x9f\x96\xa8") == 2);          // printer emoji
  CHECK(cli::display_width("e\xcc\x81") == 1);                 // e and combining acute
  table t({{.title = "A", .field = "a"}, {.title = "B", .field = "b"}});
  t.add({"\xe6\x97\xa5\xe6\x9c\xac", "x"});
  t.add({"abcd", "y"});
  CHECK(t.aligned(false) == "A     B\n\xe6\x97\xa5\xe6\x9c\xac  x\nabcd  y\n");
}

TEST_CASE("table: long cells are broken to fit the terminal, numbers are not", "[cli][fault-O33]") {
  table t({{.title = "NAME", .field = "name"},
           {.title = "N", .field = "n", .right_aligned = true},
           {.title = "ADDRESSES", .field = "addresses"}});
  t.add({"_v1._theservice._tcp.unilans.net", "18081", "127.0.0.11 127.0.0.12"});
  t.add({"short", "1", "::1"}, table::emphasis::good);
  CHECK(t.aligned(false, 62) == t.aligned(false));
  CHECK(t.aligned(false, 60) ==
        "NAME                                  N  ADDRESSES\n"
        "_v1._theservice._tcp.unilans.net  18081  127.0.0.11\n"
        "                                         127.0.0.12\n"
        "short                                 1  ::1\n");
  CHECK(t.aligned(false, 48) ==
        "NAME                             N  ADDRESSES\n"
        "_v1._theservice._tcp.        18081  127.0.0.11\n"
        "unilans.net                         127.0.0.12\n"
        "short                            1  ::1\n");
  CHECK(t.aligned(true, 48).find("\x1b[32mshort                            1  ::1\x1b[0m\n") != std::string::npos);
  for (std::size_t width = 33; width < 70; ++width) {
    const std::string text = t.aligned(false, width);
    INFO(text);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      CHECK(end - at <= width);
      at = end + 1;
    }
  }
}

TEST_CASE("table: a terminal that is too narrow gets one line for each cell", "[cli][fault-O33]") {
  table t({{.title = "NAME", .field = "name"}, {.title = "N", .field = "n", .right_aligned = true}});
  t.add({"_v1._theservice._tcp.unilans.net", "18081"});
  t.add({"short", ""});
  CHECK(t.aligned(false, 12) == "NAME  _v1._theservice._tcp.unilans.net\nN     18081\n\nNAME  short\nN\n");
}

TEST_CASE("table: wide characters are not cut", "[cli][fault-O33]") {
  table t(std::vector<cli::column>{{.title = "A", .field = "a"}});
  t.add({"\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5"});  // 14 columns
  CHECK(t.aligned(false, 13) ==
        "A\n\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\n\xe6\x97\xa5\n");
}

TEST_CASE("table: colour only when asked for", "[cli]") {
  table t(std::vector<cli::column>{{.title = "A", .field = "a"}});
  t.add({"up"}, table::emphasis::good);
  CHECK(t.aligned(false).find('\x1b') == std::string::npos);
  CHECK(t.aligned(true) == "\x1b[1mA\x1b[0m\n\x1b[32mup\x1b[0m\n");
}

TEST_CASE("table: CSV quotes commas, quotes and line breaks, and ends records with CR LF", "[cli][rfc4180]") {
  table t({{.title = "A", .field = "a"}, {.title = "B", .field = "b_ms"}});
  t.add({"x,y", "say \"hi\""});
  t.add({"", "line\nbreak"});
  CHECK(t.csv() == "a,b_ms\r\n\"x,y\",\"say \"\"hi\"\"\"\r\n,\"line\nbreak\"\r\n");
}

TEST_CASE("table: shares as percentage and as fraction", "[cli]") {
  CHECK(cli::percentage(0.743902) == "74.39 %");
  CHECK(cli::fraction(0.743902) == "0.7439");
  CHECK(cli::fraction(0) == "0");
  CHECK(cli::fraction(1) == "1");
  CHECK(cli::fraction(0.00001) == "0");
}

TEST_CASE("names: without the final dot; TXT pairs in quotes, hostile octets escaped, long ones cut with a mark",
          "[cli][fault-T7][fault-T12]") {
  CHECK(cli::display(name_of("a.b.")) == "a.b");
  CHECK(cli::display(name()) == ".");
  CHECK(cli::display(txt_of({"a=1", "flag", "e=", "q=say \"hi\""})) == R"("a=1" "flag" "e=" "q=say \"hi\"")");
  CHECK(cli::display(txt_of({"k=" + hostile_octets})) == "\"k=" + std::string(hostile_shown) + "\"");
  CHECK(cli::display(txt_of({std::string(255, 'k')})) == "\"" + std::string(80, 'k') + "...\"");
  CHECK(cli::display(txt_record()).empty());
}

TEST_CASE("table: one long cell does not lengthen the other lines", "[cli][fault-O7]") {
  cli::table t({{.title = "A", .field = "a"}, {.title = "B", .field = "b"}});
  t.add({std::string(10'000, 'x'), "1"});
  for (int i = 0; i < 100; ++i) t.add({"y", "2"});
  const std::string text = t.aligned(false);
  CHECK(text.size() < 10'000 + 102 * 300);
  CHECK(text.find("\ny" + std::string(257, ' ') + "2\n") != std::string::npos);
}
