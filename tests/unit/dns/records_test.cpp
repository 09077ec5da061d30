#include "sdconnect/dns/records.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;

namespace {

TEST_CASE("rr_type: is printed by name, or by number when it has none", "[dns][rfc3597]") {
  const auto [number, text] = GENERATE(table<int, std::string>({
      {1, "A"},
      {2, "NS"},
      {5, "CNAME"},
      {6, "SOA"},
      {12, "PTR"},
      {16, "TXT"},
      {28, "AAAA"},
      {33, "SRV"},
      {39, "DNAME"},
      {41, "OPT"},
      {0, "TYPE0"},
      {65280, "TYPE65280"},
      {65535, "TYPE65535"},
  }));
  CHECK(to_string(static_cast<rr_type>(number)) == text);
}

TEST_CASE("rcode: is printed by name, or by number when it has none", "[dns][rfc6895]") {
  const auto [number, text] = GENERATE(table<int, std::string>({
      {0, "NOERROR"},
      {1, "FORMERR"},
      {2, "SERVFAIL"},
      {3, "NXDOMAIN"},
      {4, "NOTIMP"},
      {5, "REFUSED"},
      {9, "NOTAUTH"},
      {16, "BADVERS"},
      {11, "RCODE11"},
      {4095, "RCODE4095"},
  }));
  CHECK(to_string(static_cast<rcode>(number)) == text);
}

TEST_CASE("question: is printed escaped", "[dns][fault-N4]") {
  CHECK(to_string(question{*name::from_text("_x._tcp.Example"), rr_type::srv}) == "_x._tcp.Example. SRV");
  CHECK(to_string(question{*name::from_text("a\\027[2J"), rr_type::ptr}) == "a\\027[2J. PTR");
  CHECK(to_string(question{name(), rr_type::a}) == ". A");
}

TEST_CASE("question: name and type make the difference, case does not", "[dns][rfc4343][rfc-check-7][fault-N1]") {
  const question a{*name::from_text("x.example"), rr_type::srv};
  const question same{*name::from_text("X.Example"), rr_type::srv};
  const question other_type{*name::from_text("x.example"), rr_type::txt};
  CHECK(a == same);
  CHECK(std::hash<question>()(a) == std::hash<question>()(same));
  CHECK(a != other_type);
  CHECK(std::hash<question>()(a) != std::hash<question>()(other_type));
}

TEST_CASE("srv_record: compares all fields, the target without case", "[dns][rfc2782]") {
  const srv_record srv{1, 2, 3, *name::from_text("h")};
  CHECK(srv == srv_record{1, 2, 3, *name::from_text("H")});
  CHECK(srv != srv_record{0, 2, 3, *name::from_text("h")});
  CHECK(srv != srv_record{1, 0, 3, *name::from_text("h")});
  CHECK(srv != srv_record{1, 2, 0, *name::from_text("h")});
  CHECK(srv != srv_record{1, 2, 3, *name::from_text("i")});
}

}  // namespace
