#include "helper/protocol/http_proxy.hpp"

#include "unit/helper/protocol/every_split.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace sdconnect;
using namespace sdconnect::helper;
using namespace std::string_literals;

namespace {

const credentials required{"user", "secret"};

/// "407 this proxy wants ...", or the outcome if the client was not refused.
std::string refusal_of(const std::string& message, const credentials* with = nullptr) {
  const std::string outcome = outcome_of(message, with);
  const std::size_t status = outcome.find(", sent HTTP/1.1 ");
  if (status == std::string::npos) return outcome;
  const std::string line = outcome.substr(status + 16, outcome.find("\\013", status) - status - 16);
  CHECK(outcome.starts_with("HTTP ended: " + line.substr(4)));
  return line;
}

/// The head as the backend receives it.
std::string forwarded(const std::string& message) {
  proxy_handshake handshake({});
  handshake.put(message);
  REQUIRE(handshake.state() == handshake_state::asked);
  REQUIRE(handshake.http()->kind() == http_request_kind::forward);
  return handshake.http()->head().to_text();
}

std::string get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: other\r\n" + std::string(fields) + "\r\n";
}

constexpr const char* not_clear = "400 the length of the request's body is not clear";

}  // namespace

TEST_CASE("http: CONNECT in every split; octets behind it are early", "[helper][fault-L4]") {
  CHECK(outcome_of("CONNECT _x._tcp.example.com:443 HTTP/1.1\r\nHost: _x._tcp.example.com:443\r\n\r\n") ==
        "HTTP asked for _x._tcp.example.com:443");
  CHECK(outcome_of("CONNECT a:1 HTTP/1.0\r\n\r\n\x16\3\1"s) == "HTTP asked for a:1, early \\022\\003\\001");
  CHECK(outcome_of("CONNECT [2001:db8::1]:443 HTTP/1.1\r\nContent-Length: 0\r\n\r\n") ==
        "HTTP asked for [2001:db8::1]:443");
}

TEST_CASE("http: CONNECT needs a host and a port", "[helper]") {
  const std::string target = GENERATE("a", "a:", "a:0", "a:65536", "a:-1", "a:1x", ":80", "[::1]", "[::1:80", "::1:80",
                                      "http://a:80", "a:80/x");
  CHECK(refusal_of("CONNECT " + target + " HTTP/1.1\r\n\r\n") == "400 CONNECT needs HOST:PORT");
}

TEST_CASE("http: CONNECT has no body", "[helper]") {
  CHECK(refusal_of("CONNECT a:1 HTTP/1.1\r\nContent-Length: 1\r\n\r\n") == "400 CONNECT has no body");
  CHECK(refusal_of("CONNECT a:1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n") == "400 CONNECT has no body");
}

TEST_CASE("http: an absolute URI names the destination, whatever Host says", "[helper]") {
  CHECK(outcome_of(get("http://_x._tcp.example.com/a")) == "HTTP asked for _x._tcp.example.com:80");
  CHECK(outcome_of(get("HTTP://a:8080?q")) == "HTTP asked for a:8080");
  CHECK(outcome_of(get("http://a:/")) == "HTTP asked for a:80");
  CHECK(outcome_of(get("http://[::1]:81/")) == "HTTP asked for [::1]:81");
  CHECK(outcome_of(get("http://my%20web._http._tcp.example.com/")) ==
        "HTTP asked for my%20web._http._tcp.example.com:80");
  CHECK(outcome_of(get("http://a/") + get("http://b/")).starts_with("HTTP asked for a:80, early GET http://b/"));
}

TEST_CASE("http: URIs that are refused", "[helper]") {
  CHECK(refusal_of(get("https://a/")) == "400 only http:// URLs are forwarded; use CONNECT for others");
  CHECK(refusal_of(get("a:80")) == "400 only http:// URLs are forwarded; use CONNECT for others");
  CHECK(refusal_of(get("http://user:secret@a/")) == "400 the URL has a user name");
}

TEST_CASE("http: URIs without a host, or with a bad port", "[helper]") {
  const std::string target = GENERATE("http://", "http:///", "http://:80/", "http://?", "http://a:0/",
                                      "http://a:99999/", "http://a:80:80/", "http://[::1/", "http://[::1]x/");
  CHECK(refusal_of(get(target)) == "400 the URL has no host, or a bad port");
}

TEST_CASE("http: request lines that are refused", "[helper]") {
  const std::string line =
      GENERATE("GET", "GET ", "GET http://a/", "GET  HTTP/1.1", "GET http://a/  HTTP/1.1", "GET http://a/ HTTP/1.1 ",
               "GET http://a/ HTTP/2.0", "GET http://a/ http/1.1", "GET http://a/ HTTP/1.10", "GET http://a/ HTTP/0.9",
               "GET http://a/\tHTTP/1.1", "GET http://a/ HTTP/1.1 HTTP/1.1", "G(T http://a/ HTTP/1.1");
  CHECK(refusal_of(line + "\r\n\r\n").starts_with("400 not a"));
}

TEST_CASE("http: ways to smuggle a request are refused", "[helper]") {
  CHECK(refusal_of("POST http://a/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n") == not_clear);
  CHECK(refusal_of("POST http://a/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n") == not_clear);
  CHECK(refusal_of("POST http://a/ HTTP/1.1\r\nTransfer-Encoding: x, chunked\r\n\r\n") == not_clear);
  CHECK(refusal_of("POST http://a/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == not_clear);
  CHECK(refusal_of("POST http://a/ HTTP/1.1\r\nContent-Length : 1\r\n\r\n") == "400 not an HTTP request");
  CHECK(refusal_of("POST http://a/ HTTP/1.1\r\nA: b\r\n Content-Length: 1\r\n\r\n") == "400 not an HTTP request");
  CHECK(refusal_of("POST http://a/ HTTP/1.1\r\nA: b\rContent-Length: 1\r\n\r\n") == "400 not an HTTP request");
  CHECK(refusal_of("POST http://a/ HTTP/1.1\r\nA: b\nContent-Length: 1\r\n\r\n") ==
        "400 a line does not end with CR LF");
  CHECK(refusal_of("GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == "400 the request has more than one Host");
}

TEST_CASE("http: a head that does not end, or with too many fields", "[helper][fault-L20]") {
  proxy_handshake handshake({});
  handshake.put("GET http://a/ HTTP/1.1\r\n");
  std::size_t sent = 0;
  for (; handshake.state() == handshake_state::reading; sent += 1000) handshake.put(std::string(1000, 'a'));
  CHECK(sent <= 66'000);
  CHECK(handshake.reader()->take_output().starts_with("HTTP/1.1 431 "));

  std::string many = "GET http://a/ HTTP/1.1\r\n";
  for (int i = 0; i < 257; ++i) many += "a: b\r\n";
  proxy_handshake other({});
  other.put(many);
  CHECK(other.state() == handshake_state::ended);
  CHECK(other.reader()->take_output().starts_with("HTTP/1.1 431 "));
}

TEST_CASE("http: the head becomes one of origin form for this connection", "[helper]") {
  CHECK(forwarded("GET http://a:8080/p?q#f HTTP/1.1\r\nAccept: x\r\nhost: b\r\nProxy-Connection: keep-alive\r\n"
                  "Connection: keep-alive, x-private\r\nX-Private: 1\r\nProxy-Authorization: Basic dTpz\r\n"
                  "TE: trailers\r\nKeep-Alive: 5\r\nCookie: c\r\n\r\n") ==
        "GET /p?q HTTP/1.1\r\nHost: a:8080\r\nAccept: x\r\nCookie: c\r\nConnection: close\r\nVia: 1.1 "
        "sd-connect\r\n\r\n");
  CHECK(forwarded("GET http://a HTTP/1.0\r\n\r\n") ==
        "GET / HTTP/1.0\r\nHost: a\r\nConnection: close\r\nVia: 1.0 sd-connect\r\n\r\n");
  CHECK(forwarded(get("http://a?q")).starts_with("GET /?q HTTP/1.1\r\nHost: a\r\nConnection"));
  CHECK(forwarded("OPTIONS http://a HTTP/1.1\r\n\r\n").starts_with("OPTIONS * HTTP/1.1\r\n"));
  CHECK(forwarded("OPTIONS http://a/ HTTP/1.1\r\n\r\n").starts_with("OPTIONS / HTTP/1.1\r\n"));
  CHECK(forwarded("GET http://a/ HTTP/1.1\r\nVia: 1.1 first\r\n\r\n")
            .ends_with("Via: 1.1 first\r\nConnection: close\r\nVia: 1.1 sd-connect\r\n\r\n"));
}

TEST_CASE("http: Upgrade stays where it is asked for, and nothing else with it", "[helper]") {
  CHECK(forwarded("GET http://a/ HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n") ==
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nVia: 1.1 sd-connect\r\n\r\n");
  CHECK(
      forwarded("GET http://a/ HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings, Proxy-Authorization\r\nUpgrade: h2c\r\n"
                "HTTP2-Settings: AAA\r\nProxy-Authorization: Basic dTpz\r\n\r\n") ==
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nVia: 1.1 sd-connect\r\n\r\n");
  CHECK(forwarded("GET http://a/ HTTP/1.1\r\nUpgrade: websocket\r\n\r\n").find("Upgrade") == std::string::npos);
  CHECK(forwarded("GET http://a/ HTTP/1.1\r\nConnection: upgrade\r\n\r\n").find("pgrade") == std::string::npos);
  CHECK(forwarded("GET http://a/ HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").find("pgrade") ==
        std::string::npos);
}

TEST_CASE("http: credentials", "[helper][fault-L5]") {
  const auto with = [](const std::string& fields) {
    return refusal_of("CONNECT a:1 HTTP/1.1\r\n" + fields + "\r\n", &required);
  };
  CHECK(with("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n") == "HTTP asked for a:1");
  CHECK(with("proxy-authorization: bASIC dXNlcjpzZWNyZXQ\r\n") == "HTTP asked for a:1");
  const std::string wrong =
      GENERATE("", "Authorization: Basic dXNlcjpzZWNyZXQ=\r\n", "Proxy-Authorization: Bearer dXNlcjpzZWNyZXQ=\r\n",
               "Proxy-Authorization: Basic\r\n", "Proxy-Authorization: Basic dXNlcjpzZWNyZXR4\r\n",  // user:secretx
               "Proxy-Authorization: Basic dXNlcnNlY3JldA==\r\n",                                    // usersecret
               "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ*\r\n",
               "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n");
  CHECK(with(wrong) == "407 this proxy wants a user name and a password");
  CHECK(outcome_of(get("http://a/"), &required).find("Proxy-Authenticate: Basic realm=\"sd-connect\"") !=
        std::string::npos);
}

TEST_CASE("http: a request in origin form is for the proxy itself", "[helper]") {
  proxy_handshake handshake({.required = &required});
  handshake.put("GET /proxy.pac?x HTTP/1.1\r\nHost: localhost:1080\r\n\r\n");
  REQUIRE(handshake.state() == handshake_state::asked);
  CHECK(handshake.http()->kind() == http_request_kind::own);
  CHECK(handshake.http()->path() == "/proxy.pac?x");
}

TEST_CASE("http: replies", "[helper][fault-L32]") {
  const auto reply = [](const std::string& message, bool is_success) {
    proxy_handshake handshake({});
    handshake.put(message);
    return is_success ? handshake.reader()->success_reply({}, 0)
                      : handshake.reader()->failure_reply({.kind = refusal_kind::refused, .reason = "no"});
  };
  CHECK(reply("CONNECT a:1 HTTP/1.1\r\n\r\n", true) == "HTTP/1.1 200 Connection established\r\n\r\n");
  CHECK(reply(get("http://a/"), true).empty());
  CHECK(reply("CONNECT a:1 HTTP/1.1\r\n\r\n", false).starts_with("HTTP/1.1 502 no\r\n"));
  CHECK(reply("HEAD http://a/ HTTP/1.1\r\n\r\n", false).ends_with("\r\n\r\n"));
}
