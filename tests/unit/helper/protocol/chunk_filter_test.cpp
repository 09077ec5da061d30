#include "helper/protocol/chunk_filter.hpp"

#include "unit/helper/protocol/every_split.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace sdconnect::helper;
using namespace std::string_literals;

namespace {

/// What goes on, and " done", " open" or " failed".
std::string passed(const pieces& all) {
  chunk_filter filter;
  std::string out;
  for (const std::string_view piece : all) out += filter.put(piece);
  return out + (filter.has_failed() ? " failed" : filter.is_done() ? " done" : " open");
}

std::string passed(std::string_view body) {
  const std::string whole = passed(pieces{body});
  for_every_split(body, [&](const pieces& split) { CHECK(passed(split) == whole); });
  return whole;
}

}  // namespace

TEST_CASE("chunk_filter: a body goes on until its end, in every split", "[helper]") {
  CHECK(passed("0\r\n\r\n") == "0\r\n\r\n done");
  CHECK(passed("0\r\n\r\nGET ") == "0\r\n\r\n done");
  CHECK(passed("5\r\nab\r\nc\r\n0\r\n\r\nX") == "5\r\nab\r\nc\r\n0\r\n\r\n done");
  CHECK(passed("5\r\nab\r\nc\r\n0\r\n\r") == "5\r\nab\r\nc\r\n0\r\n open");
  const std::string data(26, '\r');
  CHECK(passed("1A\r\n" + data + "\r\n000\r\n\r\nX") == "1A\r\n" + data + "\r\n000\r\n\r\n done");
}

TEST_CASE("chunk_filter: extensions and trailer fields are dropped", "[helper]") {
  CHECK(passed("3;a=\"b c\"\r\nabc\r\n0;x\r\nHost: b\r\nC: d\r\n\r\nX") == "3\r\nabc\r\n0\r\n\r\n done");
}

TEST_CASE("chunk_filter: what two readers could understand differently fails", "[helper]") {
  const std::string body =
      GENERATE("\r\n"s, "x\r\n"s, ";x\r\n"s, "-1\r\n"s, "+1\r\n"s, " 1\r\n"s, "1 \r\n"s, "1 ;x\r\n"s, "0x1\r\n"s,
               "1\n"s, "1\rx"s, "1;x\n"s, "1;x\0"s, "1;x\rX"s, "1\r\nab"s, "1\r\na\n"s, "1\r\na\r\r"s, "0\r\n\n"s,
               "0\r\nA: b\n"s, "0\r\nA\rB"s, "0\r\n\r\r"s, "1000000000000000\r\n"s, "0000000000000000\r\n"s);
  CHECK(passed(body).ends_with(" failed"));
  CHECK(passed("1\r\na\r\n" + body + "GET / HTTP/1.1\r\n\r\n").starts_with("1\r\na\r\n"));
  CHECK(passed("1\r\na\r\n" + body + "GET / HTTP/1.1\r\n\r\n").find("GET") == std::string::npos);
}

TEST_CASE("chunk_filter: extensions and trailer fields have a limit", "[helper][fault-L20]") {
  const std::string longest = "1;" + std::string(16'384, 'x') + "\r\na\r\n";
  CHECK(passed(pieces{longest, longest, "0\r\n\r\n"}) == "1\r\na\r\n1\r\na\r\n0\r\n\r\n done");
  CHECK(passed(pieces{"1;" + std::string(16'385, 'x')}) == "1 failed");
  std::string trailer;
  for (int i = 0; i < 5'000; ++i) trailer += "a: b\r\n";
  CHECK(passed(pieces{"0\r\n", trailer}) == "0\r\n failed");
}

TEST_CASE("chunk_filter: a chunk may be larger than memory", "[helper]") {
  CHECK(passed(pieces{"fffffffffffffff\r\n", "abc"}) == "fffffffffffffff\r\nabc open");
}
