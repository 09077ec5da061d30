#include "helper/protocol/proxy_header.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::helper;
using namespace std::string_literals;

namespace {

// Signature of version 2, §2.2 of the specification.
const std::string signature = "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"s;

}  // namespace

TEST_CASE("proxy_header: TCP over IPv4", "[helper]") {
  CHECK(proxy_header(proxied_address{ip_address::v4({192, 0, 2, 1}), 0x1234},
                     proxied_address{ip_address::v4({127, 0, 0, 1}), 80}) ==
        signature + "\x21\x11"s  // version 2, PROXY; AF_INET, STREAM
            + "\0\x0c"s          // 12 octets follow
            + "\xc0\0\2\1\x7f\0\0\1\x12\x34\0\x50"s);
}

TEST_CASE("proxy_header: TCP over IPv6, with the other address mapped", "[helper]") {
  const std::string source = "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"s;
  CHECK(proxy_header(proxied_address{ip_address::from_text("2001:db8::1").value(), 1},
                     proxied_address{ip_address::v4({127, 0, 0, 1}), 2}) ==
        signature + "\x21\x21\0\x24"s + source + "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1\0\1\0\2"s);
}

TEST_CASE("proxy_header: without addresses it is local", "[helper]") {
  CHECK(proxy_header({}, proxied_address{}) == signature + "\x20\0\0\0"s);
  CHECK(proxy_header({}, {}) == signature + "\x20\0\0\0"s);
}
