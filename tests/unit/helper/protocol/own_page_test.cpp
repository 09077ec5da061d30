#include "helper/protocol/own_page.hpp"

#include "unit/helper/protocol/every_split.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::helper;

namespace {

constexpr std::uint16_t port = 1080;

/// The status line of the reply to a request.
std::string reply(const std::string& request_line, const std::string& fields) {
  proxy_handshake handshake({});
  handshake.put(request_line + "\r\n" + fields + "\r\n");
  REQUIRE(handshake.state() == handshake_state::asked);
  REQUIRE(handshake.http()->kind() == http_request_kind::own);
  return own_reply(*handshake.http(), port, "PAC", "c7");
}

constexpr const char* wants_pac = "GET /proxy.pac HTTP/1.1";

}  // namespace

TEST_CASE("own_reply: the PAC file is for loopback", "[helper][fault-L25]") {
  const std::string host = GENERATE("localhost:1080", "LOCALHOST:1080", "127.0.0.1:1080", "[::1]:1080");
  CHECK(reply(wants_pac, "Host: " + host + "\r\n") ==
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ns-proxy-autoconfig\r\nContent-Length: 3\r\n"
        "Cache-Control: no-cache\r\nConnection: close\r\n\r\nPAC");
  CHECK(reply("HEAD /proxy.pac HTTP/1.1", "Host: " + host + "\r\n")
            .ends_with("Content-Length: 3\r\nCache-Control: "
                       "no-cache\r\nConnection: close\r\n\r\n"));
}

TEST_CASE("own_reply: another Host is misdirected", "[helper][fault-L25]") {
  const std::string fields =
      GENERATE("", "Host: evil.example:1080\r\n", "Host: localhost\r\n", "Host: localhost:1081\r\n",
               "Host: 127.0.0.1.evil.example:1080\r\n", "Host: 127.0.0.2:1080\r\n", "Host:\r\n",
               "Host: localhost:1080, evil.example\r\n", "Host: x@localhost:1080\r\n");
  CHECK(reply(wants_pac, fields).starts_with("HTTP/1.1 421 "));
}

TEST_CASE("own_reply: nothing but the PAC file", "[helper]") {
  const std::string line =
      GENERATE("GET / HTTP/1.1", "GET /proxy.pac/ HTTP/1.1", "GET /proxy.pac? HTTP/1.1", "POST /proxy.pac HTTP/1.1",
               "CONNECT /proxy.pac HTTP/1.1", "OPTIONS * HTTP/1.1", "GET //proxy.pac HTTP/1.1");
  CHECK(reply(line, "Host: localhost:1080\r\n").starts_with("HTTP/1.1 421 "));
}

TEST_CASE("proxy_pac: service names go to the proxy", "[helper]") {
  CHECK(proxy_pac(1080, {}, {}) ==
        "function FindProxyForURL(url, host) {\n"
        "  if (shExpMatch(host, \"*._tcp.*\")) return \"SOCKS5 127.0.0.1:1080; PROXY 127.0.0.1:1080\";\n"
        "  return \"DIRECT\";\n}\n");
}

TEST_CASE("proxy_pac: with domains, those in them; and mapped hosts", "[helper]") {
  CHECK(
      proxy_pac(1, {"Example.com.", "b.test"}, {"WWW.example.com", "c.test."}) ==
      "function FindProxyForURL(url, host) {\n"
      "  if (shExpMatch(host, \"*._tcp.*\") && dnsDomainIs(host, \".example.com\")) return \"SOCKS5 127.0.0.1:1; PROXY "
      "127.0.0.1:1\";\n"
      "  if (shExpMatch(host, \"*._tcp.*\") && dnsDomainIs(host, \".b.test\")) return \"SOCKS5 127.0.0.1:1; PROXY "
      "127.0.0.1:1\";\n"
      "  if (shExpMatch(host, \"www.example.com\")) return \"SOCKS5 127.0.0.1:1; PROXY 127.0.0.1:1\";\n"
      "  if (shExpMatch(host, \"c.test\")) return \"SOCKS5 127.0.0.1:1; PROXY 127.0.0.1:1\";\n"
      "  return \"DIRECT\";\n}\n");
}

TEST_CASE("proxy_pac: a name that is a pattern or no plain text is left out", "[helper]") {
  const std::string odd = GENERATE("*.com", "a?", "a\"b", "a\\032b", "a\nb", "\xc3\xbc.test");
  const std::string pac = proxy_pac(1, {odd}, {odd});
  CHECK(pac == "function FindProxyForURL(url, host) {\n  return \"DIRECT\";\n}\n");
}
