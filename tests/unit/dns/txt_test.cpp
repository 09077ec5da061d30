// TXT data as DNS-SD reads them. The octets are written by hand: a length octet, then the string.
#include "sdconnect/dns/txt.hpp"

#include "support/heap_meter.hpp"
#include "support/message_builder.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::string_literals;

namespace {

txt_record parsed(const octets& rdata) {
  const result<txt_record> txt = txt_record::from_rdata(rdata);
  REQUIRE(txt);
  return *txt;
}

// "key" for a key without value, otherwise "key=value"; keeps the order.
std::vector<std::string> listed(const txt_record& txt) {
  std::vector<std::string> out;
  for (const txt_entry& entry : txt.entries()) {
    out.push_back(entry.value ? std::string(entry.key) + '=' + std::string(*entry.value) : std::string(entry.key));
  }
  return out;
}

using strings = std::vector<std::string>;

TEST_CASE("txt_record: pairs are read in wire order", "[dns][rfc6763][rfc-check-23]") {
  const octets rdata{9, 't', 'x', 't', 'v', 'e', 'r', 's', '=', '1', 3, 'b', '=', 'x', 1, 'a'};
  CHECK(listed(parsed(rdata)) == strings{"txtvers=1", "b=x", "a"});
  CHECK(parsed(rdata).rdata().size() == rdata.size());
}

TEST_CASE("txt_record: no data, one empty string and no TXT at all are the same",
          "[dns][rfc6763][rfc-check-22][fault-T3]") {
  CHECK(txt_record().entries().empty());
  CHECK(parsed({}).entries().empty());
  CHECK(parsed({0}).entries().empty());
  CHECK(parsed({0, 0, 0}).entries().empty());
}

TEST_CASE("txt_record: what a string says",
          "[dns][rfc6763][rfc-check-23][rfc-check-24][rfc-check-25][rfc-check-26][rfc-check-28][fault-T6][fault-T7]") {
  const auto [what, text, expected] = GENERATE(table<std::string, std::string, strings>({
      {"key alone", "flag", {"flag"}},
      {"empty value", "key=", {"key="}},
      {"value", "key=v", {"key=v"}},
      {"the first = splits", "a=b=c", {"a=b=c"}},
      {"value that is =", "a==", {"a=="}},
      {"no key", "=value", {}},
      {"only =", "=", {}},
      {"several =", "==", {}},
      {"spaces belong to key and value", " k y = v ", {" k y = v "}},
      {"quotes belong to the value", "k=\"v\"", {"k=\"v\""}},
      {"value of any octets", "k=\0\x1b\r\n\xff"s, {"k=\0\x1b\r\n\xff"s}},
      {"key with a tilde", "~=1", {"~=1"}},
      {"key with NUL", "k\0=v"s, {}},
      {"key with a control", "k\x1f=v", {}},
      {"key with DEL", "k\x7f=v", {}},
      {"key in UTF-8", "k\xc3\xbc=v", {}},
  }));
  CAPTURE(what);
  octets rdata{static_cast<std::uint8_t>(text.size())};
  rdata.insert(rdata.end(), text.begin(), text.end());
  CHECK(listed(parsed(rdata)) == expected);
}

TEST_CASE("txt_record: the value is split behind the first =", "[dns][rfc6763][rfc-check-23]") {
  const txt_record txt = parsed({5, 'a', '=', 'b', '=', 'c'});
  REQUIRE(txt.entries().size() == 1);
  CHECK(txt.entries()[0] == txt_entry{"a", "b=c"});
}

TEST_CASE("txt_record: absent, no value, empty value and value are told apart",
          "[dns][rfc6763][rfc-check-26][fault-T6]") {
  const txt_record txt = parsed({4, 'f', 'l', 'a', 'g', 6, 'e', 'm', 'p', 't', 'y', '=', 3, 'v', '=', '1'});
  CHECK_FALSE(txt.find("absent"));
  REQUIRE(txt.find("flag"));
  CHECK_FALSE(txt.find("flag")->value);
  REQUIRE(txt.find("empty"));
  CHECK(txt.find("empty")->value == "");
  CHECK(txt.find("v")->value == "1");
  CHECK_FALSE(txt.find(""));
  CHECK_FALSE(txt.find("fla"));
  CHECK_FALSE(txt.find("flags"));
}

TEST_CASE("txt_record: of a repeated key the first counts, ASCII case ignored",
          "[dns][rfc6763][rfc-check-25][rfc-check-27][fault-T6]") {
  const txt_record txt = parsed({3, 'K', '=', '1', 3, 'k', '=', '2', 1, 'K', 3, 'j', '=', '3', 2, 'J', '='});
  CHECK(listed(txt) == strings{"K=1", "j=3"});
  CHECK(txt.find("k")->value == "1");
  CHECK(txt.find("K")->key == "K");
  // A first key without value hides a later one with a value.
  CHECK(listed(parsed({1, 'k', 3, 'k', '=', '1'})) == strings{"k"});
  // "[" and "{" differ in the bit that makes letters lower case, but are not letters.
  CHECK(listed(parsed({1, '[', 1, '{', 1, '@', 1, '`'})) == strings{"[", "{", "@", "`"});
}

TEST_CASE("txt_record: what is left out does not hide what follows", "[dns][rfc6763][rfc-check-24][rfc-check-29]") {
  CHECK(listed(parsed({2, '=', 'x', 0, 3, 'a', '=', '1', 3, 1, '=', '2', 1, 'z'})) == strings{"a=1", "z"});
}

TEST_CASE("txt_record: long keys, values and records are read", "[dns][rfc6763][rfc-check-30][fault-T10][fault-T12]") {
  octets long_key{255};
  long_key.insert(long_key.end(), 255, 'k');
  CHECK(parsed(long_key).entries().at(0).key.size() == 255);
  octets long_value{255, 'k', '='};
  long_value.insert(long_value.end(), 253, 0xFF);
  CHECK(parsed(long_value).find("k")->value->size() == 253);

  octets many;
  for (int i = 0; i < 254; ++i) put(many, long_value);  // 65,024 octets
  put(many, {3, 'e', '=', '1'});
  CHECK(parsed(many).find("e")->value == "1");
  CHECK(parsed(many).entries().size() == 2);
}

TEST_CASE("txt_record: a string beyond the end is refused", "[dns][fault-T2]") {
  CHECK(txt_record::from_rdata(octets{1}).error() == errc::malformed_rdata);
  CHECK(txt_record::from_rdata(octets{2, 'a'}).error() == errc::malformed_rdata);
  CHECK(txt_record::from_rdata(octets{1, 'a', 5}).error() == errc::malformed_rdata);
  CHECK(txt_record::from_rdata(octets{255, 'a'}).error() == errc::malformed_rdata);
}

TEST_CASE("txt_record: host and port in TXT are pairs like any other", "[dns][rfc6763][rfc-check-32][fault-T11]") {
  CHECK(listed(parsed({9, 'p', 'o', 'r', 't', '=', '6', '6', '6', '6'})) == strings{"port=6666"});
}

TEST_CASE("txt_record: several records stay apart", "[dns][rfc6763][rfc-check-33]") {
  const txt_record a = parsed({3, 'a', '=', '1'});
  const txt_record b = parsed({3, 'a', '=', '2'});
  CHECK(a == parsed({3, 'a', '=', '1'}));
  CHECK_FALSE(a == b);
}

}  // namespace

TEST_CASE("txt_record: copies share the octets", "[dns][fault-O7]") {
  std::vector<std::uint8_t> rdata;
  for (int i = 0; i < 250; ++i) {
    rdata.push_back(250);
    rdata.insert(rdata.end(), 250, 'x');
  }
  const txt_record record = txt_record::from_rdata(rdata).value();
  const heap_meter meter;
  const std::vector<txt_record> copies(1000, record);
  const std::size_t peak = meter.peak();
  CHECK(peak <= 1000 * sizeof(txt_record) + 64);
  CHECK(copies.back().rdata().data() == record.rdata().data());
}
