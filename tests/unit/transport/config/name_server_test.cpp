#include "sdconnect/transport/name_server.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;

namespace {

TEST_CASE("server_address: is read in every usual form", "[transport]") {
  const auto [text, printed] = GENERATE(table<std::string, std::string>({
      {"127.0.0.1", "127.0.0.1#53"},
      {"127.0.0.1#5353", "127.0.0.1#5353"},
      {"127.0.0.1:5353", "127.0.0.1#5353"},
      {"127.0.0.1:00053", "127.0.0.1#53"},
      {"127.0.0.1#65535", "127.0.0.1#65535"},
      {"::1", "::1#53"},
      {"::1#5353", "::1#5353"},
      {"[::1]", "::1#53"},
      {"[::1]#5353", "::1#5353"},
      {"[::1]:5353", "::1#5353"},
      {"::", "::#53"},
      {"2001:db8::1:5353", "2001:db8::1:5353#53"},  // without brackets it is the last group, not a port
      {"2001:DB8::1", "2001:db8::1#53"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1#53"},
  }));
  CAPTURE(text);
  const result<server_address> address = server_address::from_text(text);
  REQUIRE(address);
  CHECK(address->to_text() == printed);
  CHECK(server_address::from_text(printed).value() == *address);
}

TEST_CASE("server_address: other text is refused", "[transport][fault-K4]") {
  const std::string text = GENERATE(
      as<std::string>(), "", " ", "#53", ":53", "localhost", "localhost:53", "127.0.0.1#", "127.0.0.1:", "127.0.0.1#0",
      "127.0.0.1#65536", "127.0.0.1#99999999999999999999", "127.0.0.1#-1", "127.0.0.1#+53", "127.0.0.1# 53",
      "127.0.0.1#53 ", "127.0.0.1#5x", "127.0.0.1#53#53", "127.0.0.1#53:53", "127.0.0.1:53:53", "127.0.0.1/8",
      "[127.0.0.1]", "[127.0.0.1]:53", "[::1", "::1]", "[]", "[]:53", "[", "]", "[::1]53", "[::1]x", "[::1]:", "[::1]#",
      "[[::1]]", "[::1]]", "::1#", "::1#x", "::g", "fe80::1%", "fe80::1%no such interface", "1.2.3", "010.0.0.1");
  CAPTURE(text);
  CHECK(server_address::from_text(text).error() == errc::bad_address);
}

TEST_CASE("name_server: is labelled by its address or as it is told", "[transport]") {
  const server_address address{ip_address::v4({192, 0, 2, 1}), 5353};
  CHECK(name_server::at(address).label == "192.0.2.1#5353");
  CHECK(name_server::at(address).address == address);
  CHECK_FALSE(name_server::at(address).file);
  CHECK(name_server::of(nullptr, "file:lab.zone").label == "file:lab.zone");
}

TEST_CASE("name_server: tls:// is DNS over TLS, at port 853 unless told otherwise", "[transport][tls][rfc7858]") {
  const auto [text, label, name] = GENERATE(table<std::string, std::string, std::string>({
      {"tls://192.0.2.1", "tls://192.0.2.1#853", ""},
      {"tls://192.0.2.1#8853", "tls://192.0.2.1#8853", ""},
      {"tls://192.0.2.1:8853", "tls://192.0.2.1#8853", ""},
      {"tls://192.0.2.1@dns.example.com", "tls://192.0.2.1#853@dns.example.com", "dns.example.com"},
      {"tls://192.0.2.1#8853@Dns.example.com.", "tls://192.0.2.1#8853@Dns.example.com", "Dns.example.com"},
      {"tls://2001:db8::1", "tls://2001:db8::1#853", ""},
      {"tls://2001:db8::1#8853", "tls://2001:db8::1#8853", ""},
      {"tls://[2001:db8::1]", "tls://2001:db8::1#853", ""},
      {"tls://[2001:db8::1]:8853@_x.example", "tls://2001:db8::1#8853@_x.example", "_x.example"},
  }));
  CAPTURE(text);
  const result<name_server> server = name_server::from_text(text);
  REQUIRE(server.has_value());
  CHECK(server->label == label);
  REQUIRE(server->tls);
  CHECK(server->tls->server_name == name);
  CHECK(server->trusts_ad);
  CHECK(name_server::from_text(label)->address == server->address);
}

TEST_CASE("name_server: without tls:// it is an address", "[transport]") {
  const result<name_server> server = name_server::from_text("192.0.2.1#54");
  CHECK(server->label == "192.0.2.1#54");
  CHECK_FALSE(server->tls);
  CHECK(name_server::from_text("192.0.2.1@dns.example.com").error() == errc::bad_address);
}

TEST_CASE("name_server: what is no server over TLS is refused", "[transport][tls]") {
  for (const std::string text : {"tls://", "tls:/192.0.2.1", "tls://localhost", "tls://192.0.2.1#0", "tls://@x.example",
                                 "TLS://192.0.2.1", "tls://192.0.2.1/", "tls://tls://192.0.2.1"}) {
    CAPTURE(text);
    CHECK(name_server::from_text(text).error() == errc::bad_address);
  }
  for (const std::string text :
       {"tls://192.0.2.1@", "tls://192.0.2.1@.", "tls://192.0.2.1@a b", "tls://192.0.2.1@a..b", "tls://192.0.2.1@a@b",
        "tls://192.0.2.1@192.0.2.1", "tls://192.0.2.1@::1", "tls://192.0.2.1@a\\000.example"}) {
    CAPTURE(text);
    CHECK(name_server::from_text(text).error() == errc::bad_server_name);
  }
}

TEST_CASE("name_server: AD counts from loopback and from an authenticated server", "[transport][tls]") {
  const server_address far{ip_address::v4({192, 0, 2, 1}), 853};
  const server_address here{ip_address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 853};
  CHECK_FALSE(name_server::at(far).trusts_ad);
  CHECK(name_server::at(here).trusts_ad);
  CHECK(name_server::over_tls(far, {}).trusts_ad);
  CHECK_FALSE(name_server::over_tls(far, {.opportunistic = true}).trusts_ad);
  CHECK_FALSE(name_server::of(nullptr, "file:x").trusts_ad);
}

TEST_CASE("key_pin: is read in curl's spelling", "[transport][tls][rfc7858]") {
  // The octets 0 to 31, encoded by coreutils' base64.
  const key_pin pin = key_pin::from_text("sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").value();
  for (std::size_t i = 0; i < pin.digest.size(); ++i) CHECK(pin.digest[i] == i);
  CHECK(key_pin::from_text("sha256////////////////////////////////////////////8=")->digest[31] == 0xff);

  for (const std::string text :
       {"", "sha256//", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "sha1//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh==", "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=",
        "sha256//AAEC-wQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=="}) {
    CAPTURE(text);
    CHECK(key_pin::from_text(text).error() == errc::bad_key_pin);
  }
}

}  // namespace
