#include "helper/protocol/proxy_destination.hpp"

#include "helper/protocol/punycode.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <tuple>

using namespace sdconnect;
using namespace sdconnect::helper;
using namespace std::string_literals;

namespace {

/// The names that a host may mean, with a blank between them.
std::string names(std::string_view host) {
  std::string out;
  for (const name& n : names_of_host(host)) out += (out.empty() ? "" : " ") + n.to_text();
  return out;
}

std::string destination(std::string_view authority, std::optional<std::uint16_t> default_port = {}) {
  const auto found = destination_from_text(authority, default_port);
  return found ? found->to_text() : "none";
}

std::string decoded(std::string_view punycode) { return punycode_to_utf8(punycode).value_or("none"); }

}  // namespace

TEST_CASE("destination_from_text: host and port", "[helper]") {
  CHECK(destination("a:80") == "a:80");
  CHECK(destination("[::1]:443") == "[::1]:443");
  CHECK(destination("a", 80) == "a:80");
  CHECK(destination("a:", 80) == "a:80");
  CHECK(destination("a:65535", 80) == "a:65535");
  const std::string bad = GENERATE("", ":80", "a:0", "a:65536", "a:+1", "a:8 0", "a:80:80", "[::1", "[::1]80", "::1");
  CHECK(destination(bad, 80) == "none");
  CHECK(destination("a") == "none");
  CHECK(destination("a:") == "none");
}

TEST_CASE("proxy_destination: an address is one, also in brackets", "[helper][fault-L8]") {
  CHECK(proxy_destination{.host = "192.0.2.1"}.address() == ip_address::v4({192, 0, 2, 1}));
  CHECK(proxy_destination{.host = "[::1]"}.address() == ip_address::from_text("::1").value());
  CHECK(proxy_destination{.host = "::1"}.address() == ip_address::from_text("::1").value());
  CHECK_FALSE(proxy_destination{.host = "192.0.2"}.address());
  CHECK_FALSE(proxy_destination{.host = "[]"}.address());
  CHECK_FALSE(proxy_destination{.host = ""}.address());
}

TEST_CASE("proxy_destination: text for people", "[helper]") {
  CHECK(proxy_destination{.host = "::1", .port = 80}.to_text() == "[::1]:80");
  CHECK(proxy_destination{.host = "a\x1b\n", .port = 80}.to_text() == "a\\027\\010:80");
}

TEST_CASE("names_of_host: final dot and letter case have no meaning", "[helper]") {
  CHECK(names("_x._tcp.example.com") == "_x._tcp.example.com.");
  CHECK(names("_x._tcp.example.com.") == "_x._tcp.example.com.");
  CHECK(names_of_host("_X._TCP.Example.com.") == names_of_host("_x._tcp.example.com"));
}

TEST_CASE("names_of_host: labels are percent-decoded; a decoded dot separates nothing", "[helper]") {
  CHECK(names("my%20web._http._tcp.example.com") == "my\\032web._http._tcp.example.com.");
  CHECK(names("my web._http._tcp.example.com") == "my\\032web._http._tcp.example.com.");
  CHECK(names("a%2Eb%2e._http._tcp.example.com") == "a\\.b\\.._http._tcp.example.com.");
  CHECK(names("%C3%BC%00%25._x._tcp.example.com") == "\xc3\xbc\\000%._x._tcp.example.com.");
  CHECK(names("a\\032b.test") == "a\\\\032b.test.");
  const std::string bad = GENERATE("%", "%2", "%2.a", "%zz", "a%", "a%-1b", "a%2");
  CHECK(names(bad).empty());
}

TEST_CASE("names_of_host: what is no domain name", "[helper][fault-L1]") {
  CHECK(names("").empty());
  CHECK(names(".").empty());
  CHECK(names("a..b").empty());
  CHECK(names(".a").empty());
  CHECK(names("a..").empty());
  CHECK(names(std::string(64, 'a')).empty());
  std::string longest;  // 253 octets of text are 255 on the wire
  for (int i = 0; i < 63; ++i) longest += "abc.";
  CHECK(names(longest + "a") == longest + "a.");
  CHECK(names(longest + "ab").empty());
  CHECK(names(std::string(100'000, '.')).empty());
}

TEST_CASE("names_of_host: an A-label of an instance is tried as UTF-8 first", "[helper]") {
  CHECK(names("xn--bro-hoa._http._tcp.example.com") ==
        "b\xc3\xbcro._http._tcp.example.com. xn--bro-hoa._http._tcp.example.com.");
  CHECK(names("XN--BRO-HOA._http._tcp.example.com").starts_with("B\xc3\xbcRO."));
  CHECK(names("_http._tcp.xn--bro-hoa.example") == "_http._tcp.xn--bro-hoa.example.");
  CHECK(names("xn--bro-hoa.example") == "xn--bro-hoa.example.");
  CHECK(names("xn--._http._tcp.example.com") == "xn--._http._tcp.example.com.");
  CHECK(names("xn--99999999._http._tcp.example.com") == "xn--99999999._http._tcp.example.com.");
}

// RFC 3492 §7.1, samples (B), (H), (L), (S).
TEST_CASE("punycode: samples of the RFC", "[helper]") {
  const auto sample = GENERATE(table<std::string, std::string>(
      {{"ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"},
       {"n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa", "なぜみんな日本語を話してくれないのか"},
       {"3B-ww4c5e180e575a65lsy2b", "3年B組金八先生"},
       {"-> $1.00 <--", "-> $1.00 <-"}}));
  CHECK(decoded(std::get<0>(sample)) == std::get<1>(sample));
}

TEST_CASE("punycode: any code point, and nothing beyond", "[helper]") {
  CHECK(decoded("tda") == "ü");
  CHECK(decoded("e28h") == "\xf0\x9f\x98\x80");
  CHECK(decoded("dn32g") == "\xf4\x8f\xbf\xbf");  // U+10FFFF
  CHECK(decoded("en32g") == "none");              // U+110000
  CHECK(decoded("") == "");
  const std::string bad = GENERATE("99999999"s, "z"s, "a-b"s, "ü"s, "\xff-a"s, "a b"s, "*"s, std::string(64, 'a'));
  CHECK(decoded(bad) == "none");
}
