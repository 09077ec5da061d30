#include "helper/protocol/http_head.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace sdconnect::helper;
using namespace std::string_literals;
using state = head_scanner::state;

namespace {

state scan_octet_by_octet(std::string_view text) {
  head_scanner scanner;
  state last = state::incomplete;
  for (std::size_t size = 1; size <= text.size() && last == state::incomplete; ++size)
    last = scanner.scan(text.substr(0, size));
  return last;
}

state scan(std::string_view text) {
  head_scanner scanner;
  const state whole = scanner.scan(text);
  CHECK(scan_octet_by_octet(text) == whole);
  return whole;
}

std::string fields(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += "a: b\r\n";
  return out;
}

std::string read(std::string_view text) {
  const auto head = parse_head(text);
  return head ? head->to_text() : "refused";
}

std::string framing(const std::string& fields, bool is_http_1_0 = false) {
  const auto found = request_framing(parse_head("POST / HTTP/1.1\r\n" + fields + "\r\n").value(), is_http_1_0);
  if (!found) return "refused";
  switch (found->how) {
    case body_framing::kind::none: return "none";
    case body_framing::kind::length: return std::to_string(found->length);
    case body_framing::kind::chunked: return "chunked";
  }
  return "";
}

std::string without_hop_by_hop(const std::string& fields) {
  http_head head = parse_head("GET / HTTP/1.1\r\n" + fields + "\r\n").value();
  head.remove_hop_by_hop();
  return head.to_text().substr(std::string_view("GET / HTTP/1.1\r\n").size());
}

}  // namespace

TEST_CASE("head_scanner: a head ends with an empty line", "[helper]") {
  CHECK(scan("GET / HTTP/1.1\r\n\r\n") == state::complete);
  CHECK(scan("GET / HTTP/1.1\r\na: b\r\n\r\n") == state::complete);
  CHECK(scan("GET / HTTP/1.1\r\na: b\r\n\r") == state::incomplete);
  CHECK(scan("\r\n") == state::complete);
  head_scanner scanner;
  REQUIRE(scanner.scan("A\r\n\r\nbody\n\n") == state::complete);
  CHECK(scanner.size() == 5);
}

TEST_CASE("head_scanner: a line that ends with LF alone is found at once", "[helper]") {
  CHECK(scan("GET / HTTP/1.1\n") == state::malformed);
  CHECK(scan("\n") == state::malformed);
  CHECK(scan("GET / HTTP/1.1\r\n\n") == state::malformed);
  CHECK(scan("GET / HTTP/1.1\r\na: b\n\r\n") == state::malformed);
}

TEST_CASE("head_scanner: 64 KiB and 256 fields at most", "[helper][fault-L20]") {
  CHECK(scan("GET / HTTP/1.1\r\n" + fields(256) + "\r\n") == state::complete);
  CHECK(scan("GET / HTTP/1.1\r\n" + fields(257)) == state::too_large);
  CHECK(scan(std::string(65'536 - 4, 'a') + "\r\n\r\n") == state::complete);
  CHECK(scan(std::string(65'536 - 3, 'a') + "\r\n\r\n") == state::too_large);
  CHECK(scan(std::string(65'535, 'a')) == state::incomplete);
  CHECK(scan(std::string(65'535, '\r')) == state::incomplete);
  CHECK(scan(std::string(65'536, 'a')) == state::too_large);
}

TEST_CASE("parse_head: fields are read and printed", "[helper]") {
  CHECK(read("GET / HTTP/1.1\r\n\r\n") == "GET / HTTP/1.1\r\n\r\n");
  CHECK(read("GET / HTTP/1.1\r\na:b\r\nC-d: \t e  f \t\r\nempty:\r\nx: \xc3\xbc:\"\r\n\r\n") ==
        "GET / HTTP/1.1\r\na: b\r\nC-d: e  f\r\nempty: \r\nx: \xc3\xbc:\"\r\n\r\n");
}

TEST_CASE("parse_head: what two readers could understand differently is refused", "[helper]") {
  const std::string line =
      GENERATE("a : b"s, " a: b"s, "\ta: b"s, "a\t: b"s, ": b"s, "a"s, " "s, "a: b\rc: d"s, "a: b\0"s, "a: \x7f"s,
               "a: \x1b"s, "a b: c"s, "a\x0b: c"s, "\xc3\xbc: c"s, "a(: b"s, "a: b\r"s, "a: b\r\n c"s, "a: b\r\n\t"s);
  CHECK(read("GET / HTTP/1.1\r\n" + line + "\r\n\r\n") == "refused");
  CHECK(read("GET / HTTP/1.1\r\nok: b\r\n" + line + "\r\nok: b\r\n\r\n") == "refused");
}

TEST_CASE("parse_head: no control characters in the start line", "[helper]") {
  CHECK(read("\r\n") == "refused");
  CHECK(read("GET / HTTP/1.1\r\r\n\r\n") == "refused");
  CHECK(read("GET /\0 HTTP/1.1\r\n\r\n"s) == "refused");
  CHECK(read("HTTP/1.1 200 \x1b[2J\r\n\r\n") == "refused");
}

TEST_CASE("request_framing: a body ends in one way only", "[helper]") {
  CHECK(framing("") == "none");
  CHECK(framing("Content-Length: 0\r\n") == "0");
  CHECK(framing("content-length: 18446744073709551615\r\n") == "18446744073709551615");
  CHECK(framing("Transfer-Encoding: Chunked\r\n") == "chunked");
  const std::string bad = GENERATE(
      "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
      "Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1\r\nCONTENT-LENGTH: 2\r\n",
      "Content-Length: 1, 1\r\n", "Content-Length: +1\r\n", "Content-Length: -1\r\n", "Content-Length: 0x1\r\n",
      "Content-Length: 1 \t1\r\n", "Content-Length: 1.0\r\n", "Content-Length:\r\n",
      "Content-Length: 18446744073709551616\r\n", "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, chunked\r\n",
      "Transfer-Encoding: chunked;q=1\r\n", "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding:\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n");
  CHECK(framing(bad) == "refused");
}

TEST_CASE("request_framing: HTTP/1.0 has no chunks", "[helper]") {
  CHECK(framing("Transfer-Encoding: chunked\r\n", true) == "refused");
  CHECK(framing("Content-Length: 7\r\n", true) == "7");
}

TEST_CASE("http_head: fields of one connection, and those that Connection names, are removed", "[helper]") {
  CHECK(without_hop_by_hop("Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nPROXY-CONNECTION: x\r\nTE: trailers\r\n"
                           "Proxy-Authorization: Basic eDp5\r\nProxy-Authenticate: Basic\r\n"
                           "Proxy-Authentication-Info: x\r\nUpgrade: h2c\r\nAccept: */*\r\n") == "Accept: */*\r\n\r\n");
  CHECK(without_hop_by_hop("X: 1\r\nConnection: x, ,Y-z\r\ny-Z: 2\r\nConnection:W\r\nw: 3\r\nv: 4\r\n") ==
        "v: 4\r\n\r\n");
}

TEST_CASE("http_head: Connection cannot take away what the message depends on", "[helper]") {
  CHECK(without_hop_by_hop("Connection: Host, content-length, Transfer-Encoding\r\nHost: a\r\nContent-Length: 1\r\n") ==
        "Host: a\r\nContent-Length: 1\r\n\r\n");
}

TEST_CASE("clear_response_framing: one length, or chunks", "[helper]") {
  const auto cleared = [](const std::string& fields) {
    http_head head = parse_head("HTTP/1.1 200 OK\r\n" + fields + "\r\n").value();
    return clear_response_framing(head) ? head.to_text().substr(17) : "refused";
  };
  CHECK(cleared("Content-Length: 5\r\n") == "Content-Length: 5\r\n\r\n");
  CHECK(cleared("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") == "Transfer-Encoding: chunked\r\n\r\n");
  CHECK(cleared("A: b\r\n") == "A: b\r\n\r\n");
  CHECK(cleared("Content-Length: 5\r\nContent-Length: 6\r\n") == "refused");
  CHECK(cleared("Content-Length: five\r\n") == "refused");
}
