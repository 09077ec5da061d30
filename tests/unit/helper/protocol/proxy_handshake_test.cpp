#include "helper/protocol/proxy_handshake.hpp"

#include "unit/helper/protocol/every_split.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::helper;
using namespace std::string_literals;

TEST_CASE("proxy_handshake: the first octet tells the protocol", "[helper][fault-L3]") {
  CHECK(outcome_of("") == "unknown reads");
  CHECK(outcome_of("\5"s) == "SOCKS5 reads");
  CHECK(outcome_of("\4"s) == "SOCKS4 reads");
  CHECK(outcome_of("CONNECT") == "HTTP reads");
  CHECK(outcome_of("get") == "HTTP reads");
}

TEST_CASE("proxy_handshake: another protocol is ended without an answer", "[helper][fault-L3]") {
  const std::string first = GENERATE("\0"s, "\6"s, "\x16\3\1\2\0\1"s, "\r\n\r\n"s, " GET"s, "{}"s, "\xff"s);
  CHECK(outcome_of(first) == "unknown ended");
}

TEST_CASE("proxy_handshake: a refusal knows its kind and the connection", "[helper]") {
  proxy_handshake handshake({.id = "c7"});
  handshake.put("GET / HTTP/3\r\n\r\n");
  REQUIRE(handshake.state() == handshake_state::ended);
  CHECK(handshake.reader()->why_ended().kind == refusal_kind::bad_request);
  CHECK(handshake.reader()->why_ended().id == "c7");
  CHECK(handshake.reader()->take_output().ends_with("[c7]\n"));
}

TEST_CASE("credentials: only the right ones match", "[helper]") {
  const credentials required{"user", "secret"};
  CHECK(matches(required, "user", "secret"));
  CHECK_FALSE(matches(required, "user", ""));
  CHECK_FALSE(matches(required, "user", "secretsecret"));
  CHECK_FALSE(matches(required, "useruser", "secret"));
  CHECK_FALSE(matches(required, "secret", "user"));
  CHECK(matches({"", ""}, "", ""));
  CHECK_FALSE(matches({"", ""}, "", std::string(1, '\0')));
}
