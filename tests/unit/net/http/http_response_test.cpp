// Responses as octets, each also split into single octets: the result must not depend on the split.

#include "net/http/http_response.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <utility>

using sdconnect::error_code;
using sdconnect::detail::http_head;
using sdconnect::detail::http_response_reader;
using sdconnect::detail::is_cut_short;

namespace {

struct outcome {
  error_code error;
  http_head head;
  int heads = 0;
  std::string body;
  bool done = false;
};

/// Feeds `octets` in pieces of `piece` octets, then the end of the stream unless the response is
/// already complete.
outcome read(std::string_view octets, std::size_t piece) {
  outcome seen;
  http_response_reader reader(
      [&](const http_head& head) {
        seen.head = head;
        ++seen.heads;
      },
      [&](std::string_view body) { seen.body += body; });
  while (!octets.empty() && !seen.error) {
    seen.error = reader.put(octets.substr(0, piece));
    octets.remove_prefix(std::min(piece, octets.size()));
  }
  if (!seen.error && !reader.is_done()) seen.error = reader.put_end();
  seen.done = reader.is_done();
  return seen;
}

}  // namespace

TEST_CASE("http_response: bodies of every framing, in one piece and octet by octet", "[connect][http][rfc9112]") {
  const auto [what, octets, body] = GENERATE(table<std::string, std::string, std::string>({
      {"Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"},
      {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
       "hello world"},
      {"chunked with trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n", "x"},
      {"ended by close", "HTTP/1.0 200 OK\r\n\r\nhello", "hello"},
      {"no body", "HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
      {"interim responses first",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
       "2\r\n\r\nhi",
       "hi"},
      {"an empty line behind the end", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi\r\n", "hi"},
  }));
  const std::size_t piece = GENERATE(1, 3, 100'000);
  INFO(what << ", pieces of " << piece);

  const outcome seen = read(octets, piece);

  CHECK(seen.error == error_code());
  CHECK(seen.done);
  CHECK(seen.heads == 1);
  CHECK(seen.body == body);
}

TEST_CASE("http_response: the head is kept as text", "[connect][http]") {
  const outcome seen =
      read("HTTP/1.1 302 Found it\r\nlocation: /b\r\nX-A:  1 \r\nX-A: 2\r\nContent-Length: 0\r\n\r\n", 7);
  CHECK(seen.head.status == 302);
  CHECK(seen.head.reason == "Found it");
  CHECK(seen.head.location == "/b");
  CHECK(seen.head.text == "HTTP/1.1 302 Found it\r\nlocation: /b\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("http_response: malformed responses are errors", "[connect][http][fault-L20][fault-L21]") {
  const auto [what, octets] = GENERATE(table<std::string, std::string>({
      {"not HTTP", "SSH-2.0-OpenSSH_9.2p1\r\n"},
      {"HTTP/0.9", "hello world\r\n\r\n"},
      {"HTTP/2", "HTTP/2 200\r\n\r\n"},
      {"bad status", "HTTP/1.1 20 OK\r\n\r\n"},
      {"status below 100", "HTTP/1.1 099 X\r\n\r\n"},
      {"unasked change of protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"},
      {"field without colon", "HTTP/1.1 200 OK\r\nbroken\r\n\r\n"},
      {"control character in a field", "HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n"},
      {"Content-Length and chunked",
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunked and Content-Length",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"},
      {"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
      {"length above 64 bits", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n"},
      {"negative chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n"},
      {"chunk size above 64 bits", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx"},
      {"garbage behind a chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5zz\r\nhello\r\n"},
      {"garbage behind a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX3\r\n"},
  }));
  const std::size_t piece = GENERATE(1, 100'000);
  INFO(what << ", pieces of " << piece);

  const outcome seen = read(octets, piece);

  CHECK(seen.error.failed());
  CHECK_FALSE(is_cut_short(seen.error));
  CHECK_FALSE(seen.done);
}

TEST_CASE("http_response: a greeting in another protocol is an error before its line ends",
          "[connect][http][fault-L20]") {
  http_response_reader reader([](const http_head&) {}, [](std::string_view) {});
  CHECK(reader.put("SS").failed());
}

TEST_CASE("http_response: octets behind the end of the response are an error", "[connect][http][fault-L21]") {
  CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi, there", 100).error.failed());
}

TEST_CASE("http_response: an early end is told apart from a malformed response, and what came before is passed on",
          "[connect][http][fault-L21]") {
  const auto [octets, body] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"HTTP/1.", ""},
      {"HTTP/1.1 200 OK\r\nA: b\r\n", ""},
      {"HTTP/1.1 100 Continue\r\n\r\n", ""},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "hello"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "hello"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhello", "hello"},
  }));
  const outcome seen = read(octets, GENERATE(1, 100'000));
  INFO(octets);
  CHECK(is_cut_short(seen.error));
  CHECK(seen.body == body);
}

TEST_CASE("http_response: heads are limited in size, fields and number", "[connect][http][fault-L20]") {
  const std::string status = "HTTP/1.1 200 OK\r\n";
  std::string octets;
  SECTION("a line without end") { octets = status + "A: " + std::string(1'000'000, 'x'); }
  SECTION("65 KiB of head") { octets = status + "A: " + std::string(65 * 1024, 'x') + "\r\n\r\n"; }
  SECTION("257 fields") {
    octets = status;
    for (int i = 0; i < 257; ++i) octets += "A: b\r\n";
    octets += "\r\n";
  }
  SECTION("a chunk extension without end") {
    octets = status + "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(1'000'000, 'x');
  }
  SECTION("trailer fields without end") {
    octets = status + "Transfer-Encoding: chunked\r\n\r\n0\r\n";
    for (int i = 0; i < 1'000'000; ++i) octets += "A: b\r\n";
  }
  SECTION("interim responses without end") {
    for (int i = 0; i < 100; ++i) octets += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  const outcome seen = read(octets, 65536);
  CHECK(seen.error.failed());
  CHECK_FALSE(is_cut_short(seen.error));
}

TEST_CASE("http_response: 256 fields and 60 KiB of head are read", "[connect][http]") {
  std::string octets = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
  for (int i = 0; i < 255; ++i) octets += "A: " + std::string(230, 'x') + "\r\n";
  const outcome seen = read(octets + "\r\n", 1000);
  CHECK(seen.error == error_code());
  CHECK(seen.done);
}

TEST_CASE("http_response: a body larger than 4 GiB is counted, not collected", "[connect][http]") {
  std::uint64_t octets = 0;
  http_response_reader reader([](const http_head&) {}, [&](std::string_view body) { octets += body.size(); });
  REQUIRE_FALSE(reader.put("HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n").failed());
  const std::string block(10'000'000, 'x');
  for (int i = 0; i < 500; ++i) REQUIRE_FALSE(reader.put(block).failed());
  CHECK(reader.is_done());
  CHECK(octets == 5'000'000'000);
  CHECK(reader.body_octets() == octets);
}
