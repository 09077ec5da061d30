#include "helper/protocol/refusal.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace sdconnect::helper;

TEST_CASE("refusal: every kind has a code of each protocol", "[helper][fault-L32]") {
  for (int i = 0; i <= static_cast<int>(refusal_kind::internal); ++i) {
    const auto kind = static_cast<refusal_kind>(i);
    CHECK(socks5_code(kind) >= 1);
    CHECK(socks5_code(kind) <= 8);
    CHECK(http_status(kind) >= 400);
    CHECK(http_status(kind) <= 504);
    CHECK_FALSE(proxy_error(kind).empty());
  }
  CHECK(socks5_code(refusal_kind::unreachable) == 3);
  CHECK(socks5_code(refusal_kind::no_service) == 4);
  CHECK(socks5_code(refusal_kind::refused) == 5);
  CHECK(socks5_code(refusal_kind::timed_out) == 6);
  CHECK(http_status(refusal_kind::timed_out) == 504);
  CHECK(http_status(refusal_kind::misdirected) == 421);
}

TEST_CASE("refusal: status line, Proxy-Status and body tell the reason", "[helper]") {
  CHECK(http_refusal({.kind = refusal_kind::refused, .reason = "3 endpoints refused \"x\"", .id = "c7"}) ==
        "HTTP/1.1 502 3 endpoints refused \"x\"\r\n"
        "Proxy-Status: sd-connect; error=connection_refused; details=\"3 endpoints refused \\\"x\\\"\"\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 41\r\nConnection: close\r\n\r\n"
        "sd-connect: 3 endpoints refused \"x\" [c7]\n");
}

TEST_CASE("refusal: a reason of any octets cannot end a line", "[helper]") {
  const std::string text = http_refusal({.reason = "a\r\nSet-Cookie: x\r\n\r\nb\x1b\xc3\xbc\\", .id = "c7"});
  CHECK(text.starts_with("HTTP/1.1 500 a??Set-Cookie: x????b???\\\r\nProxy-Status: "));
  CHECK(text.find("details=\"a??Set-Cookie: x????b???\\\\\"\r\n") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\nsd-connect: a\\013\\010Set-Cookie: x\\013\\010\\013\\010b\\027\xc3\xbc\\\\ [c7]\n"));
  CHECK(reason_phrase(std::string(1000, 'a')).size() == 200);
}

TEST_CASE("refusal: a response to HEAD has no body, and only 407 asks for credentials", "[helper]") {
  const std::string without = http_refusal({.kind = refusal_kind::not_authenticated, .reason = "no"}, false);
  CHECK(without.ends_with("\r\n\r\n"));
  CHECK(without.find("Proxy-Authenticate: Basic ") != std::string::npos);
  CHECK(http_refusal({.kind = refusal_kind::denied}).find("Proxy-Authenticate") == std::string::npos);
}
