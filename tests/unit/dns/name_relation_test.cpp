// How names compare, sort and contain each other, and properties of many names.
#include "sdconnect/dns/name.hpp"
#include "support/message_builder.hpp"

#include <catch2/catch.hpp>
#include <ldns/ldns.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::string_literals;

namespace {

octets wire_of(const name& n) { return {n.wire().begin(), n.wire().end()}; }

name named(std::string_view text) {
  CAPTURE(text);
  const result<name> n = name::from_text(text);
  REQUIRE(n);
  return *n;
}

bool survives_text(const name& n) {
  const result<name> again = name::from_text(n.to_text());
  return again && std::ranges::equal(again->wire(), n.wire());
}

// An independent ASCII case folding, as the oracle.
std::string folded(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return text;
}

// Names with few different octets, so that equal, prefixed and nested names occur: letters of both
// cases, a dot, octets that look like lengths.
name random_name(std::mt19937& random) {
  static constexpr std::string_view alphabet{"aAbB.\1\2\3-", 9};
  name out;
  for (auto labels = random() % 4; labels > 0; --labels) {
    std::string label;
    for (auto size = 1 + random() % 3; size > 0; --size) label += alphabet[random() % alphabet.size()];
    out = out.child(label).value();
  }
  return out;
}

TEST_CASE("name: every octet in every length of label survives printing",
          "[dns][rfc6763][rfc-check-2][fault-N3][fault-N4][fault-N5]") {
  std::size_t lost = 0;
  for (std::size_t size = 1; size <= 63; ++size) {
    for (int octet = 0; octet < 256; ++octet) {
      std::string label(size, 'x');
      label[size / 2] = static_cast<char>(octet);
      if (size > 1) label[size - 1] = static_cast<char>(octet);
      lost += survives_text(name().child(label).value()) ? 0 : 1;
    }
  }
  CHECK(lost == 0);
}

TEST_CASE("name: all labels of two octets survive printing and are printed on one line",
          "[dns][rfc6763][rfc-check-2][fault-N4]") {
  std::size_t lost = 0;
  std::size_t unclean = 0;
  for (int pair = 0; pair < 65536; ++pair) {
    const name n = name().child(std::string{static_cast<char>(pair >> 8), static_cast<char>(pair & 0xff)}).value();
    lost += survives_text(n) ? 0 : 1;
    const std::string text = n.to_text();
    unclean += std::ranges::any_of(text, [](char c) { return (c >= 0 && c <= 0x20) || c == 0x7f; }) ? 1 : 0;
  }
  CHECK(lost == 0);
  CHECK(unclean == 0);
}

TEST_CASE("name: random names survive printing", "[dns][rfc6763][rfc-check-2]") {
  std::mt19937 random(6763);
  std::size_t lost = 0;
  for (int i = 0; i < 3000; ++i) {
    name n;
    for (auto labels = random() % 6; labels > 0; --labels) {
      std::string label;
      for (auto size = 1 + random() % 63; size > 0; --size) label += static_cast<char>(random() & 0xff);
      if (const result<name> longer = n.child(label)) n = *longer;
    }
    lost += survives_text(n) ? 0 : 1;
  }
  CHECK(lost == 0);
}

TEST_CASE("name: single octets are equal when only their ASCII case differs", "[dns][rfc4343][rfc-check-7][fault-N1]") {
  std::vector<name> names;
  for (int octet = 0; octet < 256; ++octet)
    names.push_back(name().child(std::string(1, static_cast<char>(octet))).value());
  int wrong = 0;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const bool same = folded(std::string(1, static_cast<char>(a))) == folded(std::string(1, static_cast<char>(b)));
      wrong += (names[a] == names[b]) == same ? 0 : 1;
      wrong += std::is_eq(names[a] <=> names[b]) == same ? 0 : 1;
      wrong += same && names[a].hash() != names[b].hash() ? 1 : 0;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("name: case is ignored in comparison and kept for display", "[dns][rfc4343][rfc-check-7][fault-N1]") {
  const name upper = named("_TheService._TCP.Example.COM");
  const name lower = named("_theservice._tcp.example.com");
  CHECK(upper == lower);
  CHECK(std::hash<name>()(upper) == std::hash<name>()(lower));
  CHECK(upper.to_text() == "_TheService._TCP.Example.COM.");
  CHECK(named("\xC3\x84") != named("\xC3\xA4"));  // U+00C4 and U+00E4: names have no case beyond ASCII
  CHECK(named("a") != named("a.a"));
  CHECK(named("a\\.b") != named("a.b"));
  CHECK(std::unordered_set<name>{upper, lower}.size() == 1);
}

TEST_CASE("equal_ignoring_case: folds ASCII letters only", "[dns][rfc4343][rfc-check-7]") {
  CHECK(equal_ignoring_case("aBz[", "AbZ["));
  CHECK(equal_ignoring_case("", ""));
  CHECK_FALSE(equal_ignoring_case("a", "ab"));
  CHECK_FALSE(equal_ignoring_case("@", "`"));
  CHECK_FALSE(equal_ignoring_case("[", "{"));
  CHECK_FALSE(equal_ignoring_case("\xC3\x84", "\xC3\xA4"));
}

TEST_CASE("name: sorting is in the order of the texts", "[dns]") {
  std::vector<std::string> texts{"b", "A.b", "a-b", "a", "a\\.b", "B.a", "aa", ".", "a.a"};
  std::vector<name> names;
  for (const std::string& text : texts) names.push_back(named(text));
  std::ranges::sort(names, std::less<>());
  std::vector<std::string> sorted;
  for (const name& n : names) sorted.push_back(n.to_text());
  // Sorted as printed, with the final dot, and "-" is before "." in ASCII; of "a\.b" and "a.b" the
  // one with the shorter first label comes first.
  CHECK(sorted == std::vector<std::string>{".", "a-b.", "a.", "a.a.", "A.b.", "a\\.b.", "aa.", "b.", "B.a."});
}

TEST_CASE("name: the order is total and agrees with equality", "[dns]") {
  std::mt19937 random(1035);
  std::vector<name> names;
  for (int i = 0; i < 120; ++i) names.push_back(random_name(random));
  std::size_t wrong = 0;
  for (const name& a : names) {
    for (const name& b : names) {
      wrong += std::is_eq(a <=> b) == (a == b) ? 0 : 1;
      wrong += std::is_lt(a <=> b) == std::is_gt(b <=> a) ? 0 : 1;
      wrong += a == b && a.hash() != b.hash() ? 1 : 0;
      if (!(a < b)) continue;
      for (const name& c : names) wrong += b < c && !(a < c) ? 1 : 0;
    }
  }
  CHECK(wrong == 0);
  CHECK(std::set<name>(names.begin(), names.end()).size() ==
        std::unordered_set<name>(names.begin(), names.end()).size());
}

TEST_CASE("name: is_at_or_below compares whole labels", "[dns][rfc-check-1]") {
  const auto [below, above, expected] = GENERATE(table<std::string, std::string, bool>({
      {".", ".", true},
      {"a", ".", true},
      {".", "a", false},
      {"a.b", "b", true},
      {"a.B", "A.b", true},
      {"x.a.b", "A.b", true},
      {"b", "a.b", false},
      {"xb", "b", false},
      {"a.xb", "b", false},
      {"a\\.b", "b", false},
      // The label's last two octets look like the wire form of the label "b".
      {"a\\001b", "b", false},
      {"\\001b", "b", false},
      {"\\003com.x", "com.x", false},
      {"a\\003com", "com", false},
      {"a.\\003com.com", "com", true},
  }));
  CAPTURE(below, above);
  CHECK(named(below).is_at_or_below(named(above)) == expected);
}

TEST_CASE("name: is_at_or_below is true exactly for a chain of parents", "[dns]") {
  std::mt19937 random(2782);
  std::vector<name> names;
  for (int i = 0; i < 150; ++i) names.push_back(random_name(random));
  std::size_t wrong = 0;
  for (const name& a : names) {
    for (const name& b : names) {
      bool is_ancestor = a == b;
      for (name up = a; !is_ancestor && !up.is_root();) {
        up = up.parent();
        is_ancestor = up == b;
      }
      wrong += a.is_at_or_below(b) == is_ancestor ? 0 : 1;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("name: rebased replaces a suffix", "[dns][rfc6672][fault-N14]") {
  CHECK(named("x.y.Old.net").rebased(named("old.NET"), named("new.org"))->to_text() == "x.y.new.org.");
  CHECK(named("old.net").rebased(named("old.net"), named("new.org"))->to_text() == "new.org.");
  CHECK(named("x.old.net").rebased(named("old.net"), name())->to_text() == "x.");
  CHECK(named("x.y").rebased(name(), named("new.org"))->to_text() == "x.y.new.org.");
  CHECK(name().rebased(name(), name())->is_root());
  CHECK(named("x.net").rebased(named("old.net"), named("new.org")).error() == errc::malformed_message);
  CHECK(named("net").rebased(named("old.net"), named("new.org")).error() == errc::malformed_message);
  CHECK(named("x\\003net").rebased(named("net"), named("org")).error() == errc::malformed_message);
}

TEST_CASE("name: rebased beyond 255 octets is an error", "[dns][rfc6672]") {
  const std::string label(49, 'x');
  const name five_labels = named(label + '.' + label + '.' + label + '.' + label + '.' + label);  // 251 octets
  CHECK(named("a.b").rebased(named("b"), five_labels)->wire().size() == 253);
  CHECK(named("abc.b").rebased(named("b"), five_labels)->wire().size() == 255);
  CHECK(named("abcd.b").rebased(named("b"), five_labels).error() == errc::name_too_long);
  CHECK(five_labels.rebased(named(label), five_labels).error() == errc::name_too_long);
}

TEST_CASE("name: reads text as ldns does", "[dns][rfc1035][ldns]") {
  std::mt19937 random(4034);
  // Passes only valid names to ldns; it differs for others, and aborts on a leading dot (ldns#297).
  const auto agrees = [](const name& n, const std::string& text) -> bool {
    ldns_rdf* raw = nullptr;
    if (ldns_str2rdf_dname(&raw, text.c_str()) != LDNS_STATUS_OK) return false;
    const std::unique_ptr<ldns_rdf, decltype(&ldns_rdf_deep_free)> rdf(raw, &ldns_rdf_deep_free);
    const octets by_ldns(ldns_rdf_data(raw), ldns_rdf_data(raw) + ldns_rdf_size(raw));
    return by_ldns == wire_of(n) && by_ldns == wire_of(name::from_text(text).value());
  };
  std::size_t different = 0;
  for (int i = 0; i < 3000; ++i) {
    name n;
    for (auto labels = 1 + random() % 4; labels > 0; --labels) {
      std::string label;
      for (auto size = 1 + random() % 60; size > 0; --size) label += static_cast<char>(random() & 0xff);
      n = n.child(label).value();
    }
    different += agrees(n, n.to_text()) ? 0 : 1;
  }
  CHECK(different == 0);
  CHECK(agrees(named("\\a\\.b\\\\.\\065.c"), "\\a\\.b\\\\.\\065.c"));
  CHECK(agrees(name(), "."));
}

}  // namespace
