#include "helper/protocol/socks.hpp"

#include "unit/helper/protocol/every_split.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace sdconnect;
using namespace sdconnect::helper;
using namespace std::string_literals;

namespace {

const credentials required{"user", "secret"};

/// The octets of a SOCKS5 request for a name.
std::string request_for(std::string_view host, char command = 1) {
  return "\5"s + command + "\0\3"s + static_cast<char>(host.size()) + std::string(host) + "\0\x50"s;
}

std::string password_message(std::string_view user, std::string_view password) {
  return "\1"s + static_cast<char>(user.size()) + std::string(user) + static_cast<char>(password.size()) +
         std::string(password);
}

constexpr std::string_view no_methods = "\\005\\255";

}  // namespace

TEST_CASE("socks5: a name, in every split", "[helper][fault-L4]") {
  const std::string greeting = "\5\1\0"s;
  CHECK(outcome_of(greeting) == "SOCKS5 reads, sent \\005\\000");
  CHECK(outcome_of(greeting + request_for("_x._tcp.example.com")) ==
        "SOCKS5 asked for _x._tcp.example.com:80, sent \\005\\000");
  CHECK(outcome_of(greeting + request_for("_x._tcp.example.com") + "SSH-2.0") ==
        "SOCKS5 asked for _x._tcp.example.com:80, sent \\005\\000, early SSH-2.0");
}

TEST_CASE("socks5: addresses are told as text; an unknown type is 0x08", "[helper][fault-L8]") {
  const std::string greeting = "\5\1\0"s;
  CHECK(outcome_of(greeting + "\5\1\0\1\xc0\0\2\1\1\xbb"s) == "SOCKS5 asked for 192.0.2.1:443, sent \\005\\000");
  CHECK(outcome_of(greeting + "\5\1\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\1\xbb"s) ==
        "SOCKS5 asked for [2001:db8::1]:443, sent \\005\\000");
  CHECK(outcome_of(greeting + "\5\1\0\2\1"s) ==
        "SOCKS5 ended: an unknown type of address, sent \\005\\000\\005\\008\\000\\001\\000\\000\\000\\000\\000\\000");
}

TEST_CASE("socks5: a name of 0 octets is 0x01, one of 255 is read", "[helper][fault-L1]") {
  const std::string greeting = "\5\1\0"s;
  CHECK(outcome_of(greeting + request_for("")) ==
        "SOCKS5 ended: an empty host name, sent \\005\\000\\005\\001\\000\\001\\000\\000\\000\\000\\000\\000");
  const std::string longest(255, 'a');
  CHECK(outcome_of(greeting + request_for(longest) + "early") ==
        "SOCKS5 asked for " + longest + ":80, sent \\005\\000, early early");
}

TEST_CASE("socks5: the name may have any octets", "[helper]") {
  CHECK(outcome_of("\5\1\0"s + request_for("my web\0\n._x._tcp.example.com"s)) ==
        "SOCKS5 asked for my web\\000\\010._x._tcp.example.com:80, sent \\005\\000");
}

TEST_CASE("socks5: BIND, UDP ASSOCIATE and unknown commands are 0x07", "[helper][fault-L7]") {
  const char command = GENERATE('\2', '\3', '\0', '\xff');
  CHECK(outcome_of("\5\1\0"s + request_for("a", command)) ==
        "SOCKS5 ended: only CONNECT is supported, sent "
        "\\005\\000\\005\\007\\000\\001\\000\\000\\000\\000\\000\\000");
}

TEST_CASE("socks5: methods; none that is acceptable is 0xFF", "[helper][fault-L3]") {
  CHECK(outcome_of("\5\0"s).ends_with(no_methods));
  CHECK(outcome_of("\5\1\1"s).ends_with(no_methods));
  std::string all = "\5\xff"s;
  for (int i = 0; i < 255; ++i) all += static_cast<char>(254 - i);
  CHECK(outcome_of(all) == "SOCKS5 reads, sent \\005\\000");
  CHECK(outcome_of(all, &required) == "SOCKS5 reads, sent \\005\\002");
  CHECK(outcome_of("\5\1\0\4\1\0"s) == "SOCKS5 reads, sent \\005\\000");
  CHECK(outcome_of("\5\1\0\4\1\0\1\1"s) == "SOCKS5 ended: not a request of SOCKS5, sent \\005\\000");
}

TEST_CASE("socks5: a required password", "[helper]") {
  const std::string greeting = "\5\2\0\2"s;
  CHECK(outcome_of(greeting + password_message("user", "secret") + request_for("a") + "early", &required) ==
        "SOCKS5 asked for a:80, sent \\005\\002\\001\\000, early early");
  const auto wrong = GENERATE(table<std::string, std::string>({{"user", "secre"},
                                                               {"user", "secrets"},
                                                               {"user", "Secret"},
                                                               {"user", ""},
                                                               {"", ""},
                                                               {"", "secret"},
                                                               {"usersecret", ""},
                                                               {"users", "secret"}}));
  CHECK(outcome_of(greeting + password_message(std::get<0>(wrong), std::get<1>(wrong)) + request_for("a"), &required) ==
        "SOCKS5 ended: wrong user name or password, sent \\005\\002\\001\\001");
  std::string bad_version = password_message("user", "secret");
  bad_version[0] = 5;
  CHECK(outcome_of(greeting + bad_version, &required).ends_with("\\005\\002\\001\\001"));
}

TEST_CASE("socks5: without the required method nothing else is read", "[helper][fault-L5]") {
  const std::string ended =
      "SOCKS5 ended: the client offers no user name and password, sent " + std::string(no_methods);
  CHECK(outcome_of("\5\1\0"s, &required) == ended);
  CHECK(outcome_of("\5\1\0"s + request_for("a"), &required) == ended);
  CHECK(outcome_of("\5\1\0"s + password_message("user", "secret") + request_for("a"), &required) == ended);
}

TEST_CASE("socks5: user name and password of 255 octets", "[helper][fault-L2]") {
  const credentials longest{std::string(255, 'u'), std::string(255, 'p')};
  const std::string greeting = "\5\1\2"s;
  CHECK(outcome_of(greeting + password_message(longest.user, longest.password) + request_for("a"), &longest) ==
        "SOCKS5 asked for a:80, sent \\005\\002\\001\\000");
  CHECK(outcome_of(greeting + password_message(longest.user, longest.password), &required)
            .ends_with("sent \\005\\002\\001\\001"));
  const credentials longer{std::string(256, 'u'), "p"};
  CHECK(outcome_of(greeting + password_message(std::string(255, 'u'), "p"), &longer)
            .ends_with("sent \\005\\002\\001\\001"));
}

TEST_CASE("socks5: a password that nobody wants is taken", "[helper]") {
  CHECK(outcome_of("\5\1\2"s + password_message("any", "thing") + request_for("a")) ==
        "SOCKS5 asked for a:80, sent \\005\\002\\001\\000");
}

TEST_CASE("socks5: replies", "[helper][fault-L32]") {
  proxy_handshake handshake({});
  handshake.put("\5\1\0"s + request_for("a"));
  REQUIRE(handshake.reader() != nullptr);
  const proxy_reader& reader = *handshake.reader();
  CHECK(reader.success_reply(ip_address::v4({192, 0, 2, 1}), 0x1234) == "\5\0\0\1\xc0\0\2\1\x12\x34"s);
  CHECK(reader.success_reply(ip_address::from_text("2001:db8::1").value(), 1) ==
        "\5\0\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\1"s);
  CHECK(reader.failure_reply({.kind = refusal_kind::refused}) == "\5\5\0\1\0\0\0\0\0\0"s);
}

TEST_CASE("socks4: an address, and in SOCKS4a a name, in every split", "[helper][fault-L4]") {
  CHECK(outcome_of("\4\1\0\x50\xc0\0\2\1user\0"s) == "SOCKS4 asked for 192.0.2.1:80");
  CHECK(outcome_of("\4\1\0\x50\xc0\0\2\1\0early\0"s) == "SOCKS4 asked for 192.0.2.1:80, early early\\000");
  CHECK(outcome_of("\4\1\0\x50\0\0\0\1\0_x._tcp.example.com\0early"s) ==
        "SOCKS4 asked for _x._tcp.example.com:80, early early");
  CHECK(outcome_of("\4\1\0\x50\0\0\0\xffuser\0a\0"s) == "SOCKS4 asked for a:80");
  CHECK(outcome_of("\4\1\0\x50\0\0\0\0\0a\0"s) == "SOCKS4 asked for 0.0.0.0:80, early a\\000");
  CHECK(outcome_of("\4\1\0\x50\0\0\0\1\0a"s) == "SOCKS4 reads");
  CHECK(outcome_of("\4\1\0\x50\0\0\0\1user"s) == "SOCKS4 reads");
}

TEST_CASE("socks4: what is refused", "[helper][fault-L1][fault-L5][fault-L7]") {
  const std::string refused = ", sent \\000[\\000\\000\\000\\000\\000\\000";
  CHECK(outcome_of("\4\2\0\x50\xc0\0\2\1\0"s) == "SOCKS4 ended: only CONNECT is supported" + refused);
  CHECK(outcome_of("\4\1\0\x50\0\0\0\1\0\0"s) == "SOCKS4 ended: an empty host name" + refused);
  CHECK(outcome_of("\4\1\0\x50\xc0\0\2\1user\0"s, &required) == "SOCKS4 ended: SOCKS4 has no password" + refused);

  const std::string begin = "\4\1\0\x50\0\0\0\1"s, longest(255, 'a');
  CHECK(outcome_of(begin + longest + "\0"s + longest + "\0"s) == "SOCKS4 asked for " + longest + ":80");
  CHECK(outcome_of(begin + longest + 'a') == "SOCKS4 ended: a text of more than 255 octets" + refused);
  CHECK(outcome_of(begin + "\0"s + longest + 'a') == "SOCKS4 ended: a text of more than 255 octets" + refused);
}

TEST_CASE("socks4: replies", "[helper][fault-L32]") {
  proxy_handshake handshake({});
  handshake.put("\4\1\0\x50\xc0\0\2\1\0"s);
  REQUIRE(handshake.reader() != nullptr);
  CHECK(handshake.reader()->success_reply(ip_address::v4({192, 0, 2, 1}), 80) == "\0\x5a\0\0\0\0\0\0"s);
  CHECK(handshake.reader()->failure_reply({.kind = refusal_kind::timed_out}) == "\0\x5b\0\0\0\0\0\0"s);
}
