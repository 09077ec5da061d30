#include "helper/protocol/http_forwarding.hpp"

#include "unit/helper/protocol/every_split.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <string_view>

using namespace sdconnect;
using namespace sdconnect::helper;
using namespace std::string_literals;

namespace {

constexpr std::string_view closing = "Connection: close\r\nVia: 1.1 sd-connect\r\n\r\n";

/// A client's octets, as the backend of the first request receives them. Behind them what became of
/// the request, unless it is done.
std::string to_backend(const pieces& all) {
  proxy_handshake handshake({});
  std::optional<http_forwarding> forwarding;
  std::string out;
  for (const std::string_view piece : all) {
    if (forwarding) {
      out += forwarding->put_client(piece);
      continue;
    }
    handshake.put(piece);
    REQUIRE(handshake.state() != handshake_state::ended);
    if (handshake.state() == handshake_state::reading) continue;
    forwarding.emplace(*handshake.http());
    out += forwarding->take_beginning();
  }
  if (!forwarding || !forwarding->request_is_done())
    out += forwarding && forwarding->client_failed() ? "<failed>" : "<open>";
  return out;
}

std::string to_backend(const std::string& octets) {
  const std::string whole = to_backend(pieces{octets});
  for_every_split(octets, [&](const pieces& split) {
    if (to_backend(split) != whole) CHECK(to_backend(split) == whole);
  });
  return whole;
}

class exchange {
 public:
  explicit exchange(std::string_view fields = "", std::string_view method = "GET") : handshake_({}) {
    handshake_.put(std::string(method) + " http://a/ HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n");
    forwarding_.emplace(*handshake_.http());
  }
  http_forwarding* operator->() { return &*forwarding_; }

 private:
  proxy_handshake handshake_;
  std::optional<http_forwarding> forwarding_;
};

constexpr std::string_view websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

/// A backend's octets, as the client receives them, and what became of the response.
std::string to_client(const pieces& all, std::string_view fields) {
  exchange with(fields);
  std::string out;
  for (const std::string_view piece : all) out += with->put_backend(piece);
  return out + (with->backend_failed() ? "<failed>" : with->response_is_raw() ? "" : "<open>");
}

std::string to_client(const std::string& octets, std::string_view fields = "") {
  const std::string whole = to_client(pieces{octets}, fields);
  for_every_split(octets, [&](const pieces& split) {
    if (to_client(split, fields) != whole) CHECK(to_client(split, fields) == whole);
  });
  return whole;
}

}  // namespace

TEST_CASE("http_forwarding: nothing behind the request goes to the backend", "[helper]") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(closing);
  CHECK(to_backend("GET http://a/ HTTP/1.1\r\n\r\n") == head);
  CHECK(to_backend("GET http://a/ HTTP/1.1\r\n\r\nGET http://b/ HTTP/1.1\r\n\r\n") == head);
  CHECK(to_backend("GET http://a/ HTTP/1.1\r\nContent-Length: 0\r\n\r\nrest") ==
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" + std::string(closing));
}

TEST_CASE("http_forwarding: a body with a length goes on, octet by octet as it comes", "[helper]") {
  const std::string sent = "POST http://a/ HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + std::string(closing);
  CHECK(to_backend(sent + "12345POST http://b/ HTTP/1.1\r\n\r\n") == head + "12345");
  CHECK(to_backend(sent + "1234") == head + "1234<open>");
  CHECK(to_backend(sent) == head + "<open>");
}

TEST_CASE("http_forwarding: a body with chunks goes on, without trailer fields", "[helper]") {
  const std::string sent = "POST http://a/ HTTP/1.1\r\nTrailer: Host\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + std::string(closing);
  CHECK(to_backend(sent + "3;x=y\r\nabc\r\n0\r\nHost: b\r\n\r\nGET http://b/ HTTP/1.1\r\n\r\n") ==
        head + "3\r\nabc\r\n0\r\n\r\n");
  CHECK(to_backend(sent + "3\r\nab") == head + "3\r\nab<open>");
}

TEST_CASE("http_forwarding: a malformed body ends the request, and nothing behind the fault goes on", "[helper]") {
  const std::string sent = "POST http://a/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(to_backend(sent + "1\r\na\r\nx\r\n\r\nGET / HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n1\r\na\r\n<failed>"));
}

TEST_CASE("http_forwarding: the response's head says that the connection ends", "[helper]") {
  CHECK(to_client("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive, x-hop\r\nKeep-Alive: timeout=5\r\n"
                  "X-Hop: 1\r\nProxy-Authenticate: Basic\r\n\r\nokHTTP/1.1 200") ==
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + std::string(closing) + "okHTTP/1.1 200");
  CHECK(to_client("HTTP/1.0 404\r\n\r\n") == "HTTP/1.0 404\r\nConnection: close\r\nVia: 1.0 sd-connect\r\n\r\n");
  CHECK(to_client("HTTP/1.1 426 \r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n") ==
        "HTTP/1.1 426 \r\n" + std::string(closing));
}

TEST_CASE("http_forwarding: a body without end, and one with chunks, pass unchanged", "[helper]") {
  CHECK(to_client("HTTP/1.1 200 OK\r\n\r\n\0\r\n\r\n"s) ==
        "HTTP/1.1 200 OK\r\n" + std::string(closing) + "\0\r\n\r\n"s);
  CHECK(to_client("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n") ==
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + std::string(closing) + "0\r\n\r\n");
}

TEST_CASE("http_forwarding: interim responses pass, and the final one is still awaited", "[helper]") {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n",
                    with_via = "HTTP/1.1 100 Continue\r\nVia: 1.1 sd-connect\r\n\r\n";
  CHECK(to_client(interim) == with_via + "<open>");
  CHECK(to_client(interim + "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok") ==
        with_via + "HTTP/1.1 103 Early Hints\r\nLink: x\r\nVia: 1.1 sd-connect\r\n\r\nHTTP/1.1 200 OK\r\n" +
            std::string(closing) + "ok");
}

TEST_CASE("http_forwarding: Expect reaches the backend, and the body follows", "[helper]") {
  exchange with("Expect: 100-continue\r\nContent-Length: 2\r\n", "POST");
  CHECK(with->take_beginning().find("Expect: 100-continue\r\n") != std::string::npos);
  CHECK(with->put_backend("HTTP/1.1 100 \r\n\r\n").starts_with("HTTP/1.1 100 \r\n"));
  CHECK_FALSE(with->response_is_raw());
  CHECK(with->put_client("ok") == "ok");
  CHECK(with->request_is_done());
  CHECK(with->put_backend("HTTP/1.1 204 \r\n\r\n") == "HTTP/1.1 204 \r\n" + std::string(closing));
  CHECK(with->response_is_raw());
}

TEST_CASE("http_forwarding: after 101 both directions are raw", "[helper]") {
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
  CHECK(to_client(head + "\r\nHTTP/1.1 200 OK\r\n\r\n", websocket) ==
        head + "Via: 1.1 sd-connect\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  exchange with(websocket);
  CHECK(with->put_client("too early").empty());
  CHECK_FALSE(with->request_is_raw());
  CHECK_FALSE(with->put_backend(head + "\r\n").empty());
  CHECK(with->request_is_raw());
  CHECK(with->response_is_raw());
  CHECK(with->put_client("frame") == "frame");
}

TEST_CASE("http_forwarding: a backend that refuses to switch has no raw client", "[helper]") {
  exchange with(websocket);
  CHECK_FALSE(with->put_backend("HTTP/1.1 200 OK\r\n\r\n").empty());
  CHECK(with->put_client("frame").empty());
  CHECK_FALSE(with->request_is_raw());
}

TEST_CASE("http_forwarding: what is no response of HTTP/1.x", "[helper]") {
  const std::string octets = GENERATE(
      "SSH-2.0-OpenSSH_9.2\r\n"s, "\x15\3\1"s, "HTTP/2 200 OK\r\n\r\n"s, "http/1.1 200 OK\r\n\r\n"s,
      "HTTP/1.1 20\r\n\r\n"s, "HTTP/1.1 2000 OK\r\n\r\n"s, "HTTP/1.1 2x0 OK\r\n\r\n"s, "HTTP/1.1 099 OK\r\n\r\n"s,
      "HTTP/1.1  200 OK\r\n\r\n"s, "HTTP/1.x 200 OK\r\n\r\n"s, "HTTP/1.11 200 OK\r\n\r\n"s, "HTTP/1.1 200 OK\n\n"s,
      "HTTP/1.1 200 OK\r\n folded\r\n\r\n"s, "HTTP/1.1 200 OK\r\nA : b\r\n\r\n"s,
      "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n"s, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"s,
      "HTTP/1.1 101 \r\n\r\n"s, "\r\n\r\n"s);
  CHECK(to_client(octets) == "<failed>");
  CHECK(to_client("HTTP/1.1 100 \r\n\r\n" + octets).ends_with("<failed>"));
}

TEST_CASE("http_forwarding: a response's head has limits", "[helper][fault-L20]") {
  exchange with;
  std::string out;
  std::size_t received = 0;
  for (; !with->backend_failed(); received += 1'000)
    out += with->put_backend(received == 0 ? "HTTP/1.1 200 OK\r\nA: " : std::string(1'000, 'a'));
  CHECK(received <= 67'000);
  CHECK(out.empty());
  CHECK(with->put_backend("HTTP/1.1 200 OK\r\n\r\n").empty());
}
