#include "sdconnect/net/ip_address.hpp"

#include <catch2/catch.hpp>

#include <net/if.h>
#include <string>

using namespace sdconnect;
using namespace std::string_literals;

namespace {

ip_address address(std::string_view text) {
  CAPTURE(text);
  const result<ip_address> a = ip_address::from_text(text);
  REQUIRE(a);
  return *a;
}

TEST_CASE("ip_address: text and octets convert both ways", "[dns][rfc5952]") {
  CHECK(address("192.0.2.1") == ip_address::v4({192, 0, 2, 1}));
  CHECK(address("192.0.2.1").octets().size() == 4);
  CHECK(address("2001:DB8::0:1") == ip_address::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  CHECK(address("2001:DB8::0:1").octets().size() == 16);
  const std::string text = GENERATE("0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "::ffff:192.0.2.1",
                                    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  CHECK(address(text).to_text() == text);
  CHECK(ip_address().to_text() == "0.0.0.0");
}

TEST_CASE("ip_address: only the strict form is read", "[dns][fault-K4]") {
  const std::string text =
      GENERATE(as<std::string>(), "", " ", "1.2.3", "1.2.3.4.5", "010.0.0.1", "0x7f.0.0.1", "2130706433", "256.0.0.1",
               "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "1.2.3.4\0"s, "1.2.3.4\0x"s, "1.2.3.-4", "host", "::1%lo",
               "fe80::1%", "fe80::1%0", "fe80::1%-1", "fe80::1%4294967296", "fe80::1%1x", "fe80::1%no such",
               "fe80::1%2%2", "fe80::1%sixteen_octets_", "fe80::1%2\0"s, "2001:db8::1%2", "192.0.2.1%2", "%2", ":",
               ":::", "1::2::3", "[::1]", "12345::", "1.2.3.4:53", "::ffff:1.2.3",
               "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555", std::string(100'000, '1'));
  CAPTURE(text.substr(0, 60));
  CHECK(ip_address::from_text(text).error() == errc::bad_address);
}

TEST_CASE("ip_address: a link-local address may name its interface, by number or by name", "[dns][rfc4007]") {
  const ip_address scoped = address("fe80::1%7");
  CHECK(scoped.scope_id() == 7);
  CHECK(scoped.to_text() == "fe80::1%7");
  CHECK(scoped == ip_address::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 7));
  CHECK(scoped != address("fe80::1"));
  CHECK(scoped != address("fe80::1%8"));
  CHECK(scoped < address("fe80::1%8"));
  CHECK(scoped.is_connectable());
  CHECK(address("fe80::1%4294967295").scope_id() == 4294967295U);
  CHECK(address("ff02::fb%7").to_text() == "ff02::fb%7");

  CHECK(address("fe80::1%lo") == address("fe80::1%" + std::to_string(if_nametoindex("lo"))));
  CHECK(address("fe80::1").scope_id() == 0);
}

TEST_CASE("ip_address: link-local is fe80::/10, and multicast that stays on the link", "[dns][rfc4291]") {
  const auto [text, expected] = GENERATE(table<std::string, bool>({
      {"fe80::1", true},
      {"febf::1", true},
      {"ff01::1", true},
      {"ff02::fb", true},
      {"ff12::1", true},
      {"fec0::1", false},
      {"fe7f::1", false},
      {"ff05::1", false},
      {"ff0e::1", false},
      {"::1", false},
      {"169.254.0.1", false},
  }));
  CAPTURE(text);
  CHECK(address(text).is_link_local() == expected);
}

TEST_CASE("ip_address: only a mapped address is unmapped", "[dns][rfc4291][fault-S15]") {
  CHECK(address("::ffff:192.0.2.1").unmapped() == address("192.0.2.1"));
  const std::string text =
      GENERATE("192.0.2.1", "::192.0.2.1", "::fffe:192.0.2.1", "1::ffff:192.0.2.1", "64:ff9b::192.0.2.1", "::");
  CHECK(address(text).unmapped() == address(text));
}

TEST_CASE("ip_address: loopback, mapped form too", "[dns][fault-S15]") {
  const auto [text, expected] = GENERATE(table<std::string, bool>({
      {"127.0.0.1", true},
      {"127.255.255.255", true},
      {"::1", true},
      {"::ffff:127.0.0.1", true},
      {"126.255.255.255", false},
      {"128.0.0.0", false},
      {"::", false},
      {"::2", false},
      {"1::1", false},
      {"::127.0.0.1", false},
      {"::ffff:128.0.0.1", false},
  }));
  CAPTURE(text);
  CHECK(address(text).is_loopback() == expected);
}

TEST_CASE("ip_address: some addresses lead nowhere", "[dns][fault-S15]") {
  const auto [text, expected] = GENERATE(table<std::string, bool>({
      {"0.0.0.0", false},
      {"0.1.2.3", false},
      {"224.0.0.1", false},
      {"239.255.255.255", false},
      {"255.255.255.255", false},
      {"::", false},
      {"ff02::fb", false},
      {"::ffff:0.0.0.0", false},
      {"::ffff:224.0.0.251", false},
      {"::ffff:255.255.255.255", false},
      {"1.0.0.0", true},
      {"10.0.0.1", true},
      {"127.0.0.1", true},
      {"169.254.0.1", true},
      {"223.255.255.255", true},
      {"240.0.0.1", true},
      {"255.255.255.254", true},
      {"::1", true},
      {"fe80::1", true},
      {"feff::", true},
      {"::ffff:10.0.0.1", true},
  }));
  CAPTURE(text);
  CHECK(address(text).is_connectable() == expected);
}

TEST_CASE("ip_address: compares by family, then octets", "[dns]") {
  CHECK(address("192.0.2.1") < address("192.0.2.2"));
  CHECK(address("255.0.0.0") < address("::"));
  CHECK(address("::1") < address("::1:0"));
  CHECK(address("192.0.2.1") != address("::ffff:192.0.2.1"));
  CHECK(address("0.0.0.0") != address("::"));
}

}  // namespace
