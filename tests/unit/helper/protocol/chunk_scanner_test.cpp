#include "helper/protocol/chunk_scanner.hpp"

#include "unit/helper/protocol/every_split.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace sdconnect::helper;
using namespace std::string_literals;

namespace {

/// "done, 5 octets", "failed", "open".
std::string scan(const pieces& all) {
  chunk_scanner scanner;
  std::size_t taken = 0;
  for (const std::string_view piece : all) taken += scanner.take(piece);
  if (scanner.has_failed()) return "failed";
  return (scanner.is_done() ? "done, " : "open, ") + std::to_string(taken) + " octets";
}

std::string scan(std::string_view body) {
  const std::string whole = scan(pieces{body});
  for_every_split(body, [&](const pieces& split) { CHECK(scan(split) == whole); });
  return whole;
}

}  // namespace

TEST_CASE("chunk_scanner: finds the end of a body, in every split", "[helper]") {
  CHECK(scan("0\r\n\r\n") == "done, 5 octets");
  CHECK(scan("0\r\n\r\nGET ") == "done, 5 octets");
  CHECK(scan("5\r\nab\r\nc\r\n0\r\n\r\nX") == "done, 15 octets");
  CHECK(scan("5\r\nab\r\nc\r\n0\r\n\r") == "open, 14 octets");
  CHECK(scan("3\r\nabc\r\n1A\r\n" + std::string(26, '\r') + "\r\n000\r\n\r\nX") == "done, 47 octets");
}

TEST_CASE("chunk_scanner: extensions and trailer fields belong to the body", "[helper]") {
  CHECK(scan("3;a=\"b c\"\r\nabc\r\n0;x\r\nA: b\r\nC: d\r\n\r\nX") == "done, 35 octets");
}

TEST_CASE("chunk_scanner: what two readers could understand differently fails", "[helper]") {
  const std::string body =
      GENERATE("\r\n"s, "x\r\n"s, ";x\r\n"s, "-1\r\n"s, "+1\r\n"s, " 1\r\n"s, "1 \r\n"s, "1 ;x\r\n"s, "0x1\r\n"s,
               "1\n"s, "1\rx"s, "1;x\n"s, "1;x\0"s, "1;x\rX"s, "1\r\nab"s, "1\r\na\n"s, "1\r\na\r\r"s, "0\r\n\n"s,
               "0\r\nA: b\n"s, "0\r\nA\rB"s, "0\r\n\r\r"s, "1000000000000000\r\n"s, "0000000000000000\r\n"s);
  CHECK(scan(body) == "failed");
}

TEST_CASE("chunk_scanner: extensions and trailer fields have a limit", "[helper][fault-L20]") {
  CHECK(scan(pieces{"1;" + std::string(16'384, 'x') + "\r\na\r\n1;" + std::string(16'384, 'x') + "\r\nb\r\n0\r\n\r\n"})
            .starts_with("done"));
  CHECK(scan(pieces{"1;" + std::string(16'385, 'x')}) == "failed");
  std::string trailer;
  for (int i = 0; i < 5'000; ++i) trailer += "a: b\r\n";
  CHECK(scan(pieces{"0\r\n" + trailer}) == "failed");
}

TEST_CASE("chunk_scanner: a chunk may be larger than memory", "[helper]") {
  CHECK(scan(pieces{"fffffffffffffff\r\n", std::string(1'000, 'a')}) == "open, 1017 octets");
}
