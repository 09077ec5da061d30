// Names from and to text and wire form: limits, errors, and the displayed form.
#include "sdconnect/dns/name.hpp"

#include "support/message_builder.hpp"

#include <catch2/catch.hpp>

#include <string>
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

// `count` labels of `size` octets each, without the root.
octets labels_of(std::size_t count, std::size_t size) {
  octets out;
  for (std::size_t i = 0; i < count; ++i) {
    put_u8(out, size);
    out.insert(out.end(), size, 'x');
  }
  return out;
}

octets with_root(octets labels) {
  labels.push_back(0);
  return labels;
}

TEST_CASE("name: text becomes wire octets", "[dns][rfc1035][rfc-check-1][rfc-check-9][fault-N2][fault-N3]") {
  const auto [text, wire] = GENERATE(table<std::string, octets>({
      {".", {0}},
      {"a", {1, 'a', 0}},
      {"a.", {1, 'a', 0}},
      {"Ab.c", {2, 'A', 'b', 1, 'c', 0}},
      {"_x._tcp.", {2, '_', 'x', 4, '_', 't', 'c', 'p', 0}},
      {"a b.c", {3, 'a', ' ', 'b', 1, 'c', 0}},
      {"a\\.b.c", {3, 'a', '.', 'b', 1, 'c', 0}},
      {"a\\\\b", {3, 'a', '\\', 'b', 0}},
      {"\\a\\;", {2, 'a', ';', 0}},
      {"\\000\\255\\065", {3, 0, 255, 'A', 0}},
      {"\\0650", {2, 'A', '0', 0}},
      {"a\\046b", {3, 'a', '.', 'b', 0}},
      {"\\\\046", {4, '\\', '0', '4', '6', 0}},
      {"*.@.$", {1, '*', 1, '@', 1, '$', 0}},
      {"a\0b"s, {3, 'a', 0, 'b', 0}},
      {"\xC3\xBC", {2, 0xC3, 0xBC, 0}},  // U+00FC in UTF-8, unchanged
      {"Dr. Pepper\\.v2", {2, 'D', 'r', 10, ' ', 'P', 'e', 'p', 'p', 'e', 'r', '.', 'v', '2', 0}},
  }));
  CAPTURE(text);
  const result<name> n = name::from_text(text);
  REQUIRE(n);
  CHECK(wire_of(*n) == wire);
  const result<name> again = name::from_wire(wire);
  REQUIRE(again);
  CHECK(wire_of(*again) == wire);
}

TEST_CASE("name: text that is no name is refused with its reason", "[dns][rfc1035][fault-N9]") {
  const auto [text, code] = GENERATE(table<std::string, errc>({
      {"", errc::empty_name},
      {"..", errc::empty_label},
      {"...", errc::empty_label},
      {".a", errc::empty_label},
      {"a..", errc::empty_label},
      {"a..b", errc::empty_label},
      {"a.b..", errc::empty_label},
      {"\\", errc::bad_escape},
      {"a.b\\", errc::bad_escape},
      {"\\1", errc::bad_escape},
      {"\\12", errc::bad_escape},
      {"\\12a", errc::bad_escape},
      {"\\1a2", errc::bad_escape},
      {"\\12.a", errc::bad_escape},
      {"\\256", errc::bad_escape},
      {"\\999", errc::bad_escape},
      {std::string(64, 'a'), errc::label_too_long},
      {"a." + std::string(64, 'a') + ".b", errc::label_too_long},
      {std::string(300, 'a'), errc::label_too_long},
      {std::string(100'000, 'a'), errc::label_too_long},
      {std::string(100'000, '.'), errc::empty_label},
  }));
  CAPTURE(text.substr(0, 80), text.size());
  CHECK(name::from_text(text).error() == code);
}

TEST_CASE("name: a label of 63 octets is the longest, however it is written",
          "[dns][rfc1035][rfc-check-3][fault-W11]") {
  std::string escaped_octets;
  for (int i = 0; i < 63; ++i) escaped_octets += "\\001";
  CHECK(named(std::string(63, 'a')).first_label().size() == 63);
  CHECK(named(escaped_octets).first_label() == std::string(63, '\1'));
  CHECK(name::from_text(escaped_octets + "\\001").error() == errc::label_too_long);
  // 21 characters of three octets each: the limit counts octets, not characters.
  std::string euros;
  for (int i = 0; i < 21; ++i) euros += "\xE2\x82\xAC";
  CHECK(named(euros).first_label() == euros);
  CHECK(name::from_text(euros + "a").error() == errc::label_too_long);
}

TEST_CASE("name: 255 octets on the wire are the most", "[dns][rfc1035][rfc-check-4][fault-W11]") {
  const std::string sixty_three(63, 'x');
  const std::string three_labels = sixty_three + '.' + sixty_three + '.' + sixty_three + '.';  // 192 octets

  CHECK(named(three_labels + std::string(61, 'x')).wire().size() == 255);
  CHECK(name::from_text(three_labels + std::string(62, 'x')).error() == errc::name_too_long);
  CHECK(name::from_text(three_labels + std::string(60, 'x') + ".a").error() == errc::name_too_long);

  octets most = labels_of(3, 63);
  put(most, labels_of(1, 61));
  CHECK(name::from_wire(with_root(most))->wire().size() == 255);
  octets more = labels_of(3, 63);
  put(more, labels_of(1, 62));
  CHECK(name::from_wire(with_root(more)).error() == errc::name_too_long);
}

TEST_CASE("name: 127 labels are the most", "[dns][rfc1035][fault-W11]") {
  std::string text;
  for (int i = 0; i < 127; ++i) text += "a.";
  CHECK(named(text).label_count() == 127);
  CHECK(named(text).to_text() == text);
  CHECK(name::from_text(text + 'a').error() == errc::name_too_long);
  CHECK(name::from_wire(with_root(labels_of(127, 1)))->label_count() == 127);
  CHECK(name::from_wire(with_root(labels_of(128, 1))).error() == errc::name_too_long);
}

TEST_CASE("name: only one whole uncompressed wire name is taken", "[dns][rfc1035][fault-W10][fault-W12]") {
  const auto [what, wire] = GENERATE(table<std::string, octets>({
      {"nothing", {}},
      {"no root", {1, 'a'}},
      {"label cut short", {3, 'a', 'b'}},
      {"label without octets", {1}},
      {"octets behind the root", {1, 'a', 0, 0}},
      {"a root in front", {0, 1, 'a', 0}},
      {"label type 0x40", {0x40, 'a', 0}},
      {"label type 0x80", {0x80, 'a', 0}},
      {"compression pointer", {1, 'a', 0xC0, 0}},
  }));
  CAPTURE(what);
  CHECK(name::from_wire(wire).error() == errc::malformed_message);
}

TEST_CASE("name: printed text shows one line as it is",
          "[dns][rfc6763][rfc-check-2][rfc-check-3][fault-N2][fault-N4][fault-N5][fault-N6]") {
  const auto [what, label, text] = GENERATE(table<std::string, std::string, std::string>({
      {"plain", "Ab-_9", "Ab-_9."},
      {"dot", "Dr. Pepper.v2", "Dr\\.\\032Pepper\\.v2."},
      {"backslash", "a\\b", "a\\\\b."},
      {"what looks like an escape", "\\046", "\\\\046."},
      {"NUL, CR, LF, ESC, BEL", "\0\r\n\x1b\a"s, "\\000\\013\\010\\027\\007."},
      {"DEL", "a\x7f", "a\\127."},
      {"a lone C1 octet", "a\x9b", "a\\155."},
      {"C1 control in UTF-8", "a\xC2\x9B", "a\\194\\155."},
      {"UTF-8", "B\xC3\xBCro", "B\xC3\xBCro."},
      {"emoji", "\xF0\x9F\x96\xA8", "\xF0\x9F\x96\xA8."},
      {"UTF-8 cut short", "\xF0\x9F\x96", "\\240\\159\\150."},
      {"overlong slash", "\xC0\xAF", "\\192\\175."},
      {"surrogate", "\xED\xA0\x80", "\\237\\160\\128."},
      {"right-to-left override", "a\xE2\x80\xAE", "a\\226\\128\\174."},
      {"zero-width space", "a\xE2\x80\x8B", "a\\226\\128\\139."},
      {"special only in zone files", "a;\"()@$*", "a;\"()@$*."},
  }));
  CAPTURE(what);
  const result<name> n = name().child(label);
  REQUIRE(n);
  CHECK(n->to_text() == text);
  CHECK(named(text).first_label() == label);
}

TEST_CASE("name: the root prints as a dot and has no labels", "[dns][rfc1035]") {
  const name root;
  CHECK(root.to_text() == ".");
  CHECK(root.is_root());
  CHECK(root.label_count() == 0);
  CHECK(root.labels().begin() == root.labels().end());
  CHECK(root.first_label().empty());
  CHECK(root.parent() == root);
  CHECK(wire_of(root) == octets{0});
  CHECK_FALSE(named("a").is_root());
}

TEST_CASE("name: labels are walked from the left", "[dns][rfc-check-1]") {
  const name n = named("My\\.Printer._ipp._tcp.example.com");
  std::vector<std::string> labels;
  for (const std::string_view label : n.labels()) labels.emplace_back(label);
  CHECK(labels == std::vector<std::string>{"My.Printer", "_ipp", "_tcp", "example", "com"});
  CHECK(n.label_count() == 5);
  CHECK(n.first_label() == "My.Printer");
  CHECK(n.parent().to_text() == "_ipp._tcp.example.com.");
  CHECK(n.parent().parent().parent().parent().parent().is_root());
}

TEST_CASE("name: a child gets a label of raw octets", "[dns][rfc6763][rfc-check-1][fault-N2]") {
  const name parent = named("_ipp._tcp.example.com");
  CHECK(parent.child("a.b\\c")->to_text() == "a\\.b\\\\c._ipp._tcp.example.com.");
  CHECK(parent.child("a.b\\c")->parent() == parent);
  CHECK(parent.child("").error() == errc::empty_label);
  CHECK(parent.child(std::string(63, '.'))->first_label() == std::string(63, '.'));
  CHECK(parent.child(std::string(64, 'a')).error() == errc::label_too_long);

  const name long_parent = *name::from_wire(with_root(labels_of(5, 49)));  // 251 octets
  CHECK(long_parent.child("abc")->wire().size() == 255);
  CHECK(long_parent.child("abcd").error() == errc::name_too_long);
}

TEST_CASE("label_to_text: keeps dots and spaces readable", "[dns][rfc6763][rfc-check-2][fault-N4]") {
  const auto [label, text] = GENERATE(table<std::string, std::string>({
      {"Dr. Pepper v2", "Dr. Pepper v2"},
      {"a\\b", "a\\\\b"},
      {"\x1b[2J", "\\027[2J"},
      {"B\xC3\xBCro", "B\xC3\xBCro"},
      {"\xFF", "\\255"},
  }));
  CHECK(label_to_text(label) == text);
  CHECK(label_from_text(text).value() == label);
}

TEST_CASE("label_from_text: reads escapes and refuses what is no label", "[dns][rfc-check-3][fault-N9]") {
  CHECK(label_from_text("a.b").value() == "a.b");
  CHECK(label_from_text("a\\.b\\032c").value() == "a.b c");
  CHECK(label_from_text(std::string(63, 'a')).value().size() == 63);
  CHECK(label_from_text("").error() == errc::empty_label);
  CHECK(label_from_text(std::string(64, 'a')).error() == errc::label_too_long);
  CHECK(label_from_text("a\\").error() == errc::bad_escape);
  CHECK(label_from_text("\\300").error() == errc::bad_escape);
}

}  // namespace
