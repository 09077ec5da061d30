// What a user may ask for, and how the library splits names.
#include "sdconnect/resolver/service_query.hpp"

#include "sdconnect/dns/service_name.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace std::string_literals;

namespace {

name named(std::string_view text) {
  CAPTURE(text);
  const result<name> n = name::from_text(text);
  REQUIRE(n);
  return *n;
}

TEST_CASE("service_query: a name is taken as written, always absolute", "[resolver][rfc-check-35]") {
  const result<service_query> query = service_query::from_text("_v1._TheService._tcp.unilans.net");
  REQUIRE(query);
  CHECK(query->qname.to_text() == "_v1._TheService._tcp.unilans.net.");
  CHECK_FALSE(query->version);
  CHECK(service_query::from_text("Dr\\.\\032Pepper._ipp._tcp.example.com.")->qname.first_label() == "Dr. Pepper");
}

TEST_CASE("service_query: what is no service name is refused", "[resolver][fault-N9]") {
  const auto [text, code] = GENERATE(table<std::string, errc>({
      {"", errc::empty_name},
      {".", errc::bad_service},
      {"localhost", errc::bad_service},
      {"com.", errc::bad_service},
      {"..", errc::empty_label},
      {".host.example", errc::empty_label},
      {"a..b", errc::empty_label},
      {std::string(300, 'a') + ".b", errc::label_too_long},
      {std::string(100'000, 'a'), errc::label_too_long},
      {"a\\", errc::bad_escape},
      {"local", errc::bad_service},
  }));
  CAPTURE(text.substr(0, 40));
  CHECK(service_query::from_text(text).error() == code);
  CHECK(service_query::from_text(text).error() == condition::bad_input);
}

TEST_CASE("service_query: a name below local. is a name like any other", "[resolver][fault-O16]") {
  CHECK(service_query::from_text("_grpc._tcp.store.monitoring.svc.cluster.local"));
  CHECK(service_query::from_text("_ldap._tcp.corp.LOCAL."));
  CHECK(service_query::from_text("x.local"));
  CHECK(service_query::from_parts("local", "x", "tcp", std::nullopt));
  CHECK(service_query::from_text("_x._tcp.local.example"));
  CHECK(service_query::from_text("_x._tcp.notlocal"));
  CHECK(service_query::from_text("_x._tcp\\.local"s + ".net"));
  CHECK(service_query::from_text("a.\\005local"));
}

TEST_CASE("service_query: parts make the name of the article", "[resolver]") {
  const auto [zone, service, proto, text] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"unilans.net.", "theService", "tcp", "_theService._tcp.unilans.net."},
      {"unilans.net", "_theService", "tcp", "_theService._tcp.unilans.net."},
      {"unilans.net", "x", "udp", "_x._udp.unilans.net."},
      {".", "x", "tcp", "_x._tcp."},
      {"unilans.net", "a\\.b c", "tcp", "_a\\.b\\032c._tcp.unilans.net."},
      {"unilans.net", "a.b", "tcp", "_a\\.b._tcp.unilans.net."},
  }));
  const result<service_query> query = service_query::from_parts(zone, service, proto, "v1");
  REQUIRE(query);
  CHECK(query->qname.to_text() == text);
  CHECK(query->version == "v1");
  CHECK_FALSE(service_query::from_parts(zone, service, proto, std::nullopt)->version);
}

TEST_CASE("service_query: parts that make no name are refused", "[resolver][rfc-check-6][fault-N9]") {
  const auto [zone, service, proto, code] = GENERATE(table<std::string, std::string, std::string, errc>({
      {"unilans.net", "x", "sctp", errc::bad_service},
      {"unilans.net", "x", "", errc::bad_service},
      {"", "x", "tcp", errc::empty_name},
      {"a..b", "x", "tcp", errc::empty_label},
      {"unilans.net", "", "tcp", errc::empty_label},
      {"unilans.net", std::string(63, 'x'), "tcp", errc::label_too_long},  // the underscore makes 64
      {"unilans.net", "x\\", "tcp", errc::bad_escape},
  }));
  CHECK(service_query::from_parts(zone, service, proto, std::nullopt).error() == code);
  CHECK(service_query::from_parts("unilans.net", '_' + std::string(62, 'x'), "tcp", std::nullopt));
}

TEST_CASE("split_service_name: the transport label is found by labels, the last one counts",
          "[resolver][rfc6763][rfc-check-1][rfc-check-6]") {
  const auto [text, udp, type, domain] = GENERATE(table<std::string, bool, std::string, std::string>({
      {"_x._tcp.example.com", false, "_x._tcp.example.com.", "example.com."},
      {"_x._UDP.example.com", true, "_x._UDP.example.com.", "example.com."},
      {"Dr\\.\\032P._x._tcp.example.com", false, "_x._tcp.example.com.", "example.com."},
      {"a._tcp\\.b._x._tcp.example.com", false, "_x._tcp.example.com.", "example.com."},
      {"_sub1._sub._x._tcp.example.com", false, "_x._tcp.example.com.", "example.com."},
      {"_tcp._x._tcp.example.com", false, "_x._tcp.example.com.", "example.com."},
      {"_tcp._tcp.example.com", false, "_tcp._tcp.example.com.", "example.com."},
      {"_udp._x._tcp.example.com", false, "_x._tcp.example.com.", "example.com."},
      {"_services._dns-sd._udp.example.com", true, "_dns-sd._udp.example.com.", "example.com."},
      {"_x._tcp", false, "_x._tcp.", "."},
  }));
  CAPTURE(text);
  const std::optional<service_labels> parts = split_service_name(named(text));
  REQUIRE(parts);
  CHECK(parts->udp == udp);
  CHECK(parts->type.to_text() == type);
  CHECK(parts->domain.to_text() == domain);
}

TEST_CASE("split_service_name: a name without a transport label is no service name", "[resolver][rfc-check-1]") {
  const std::string text = GENERATE(".", "com", "www.example.com", "_tcp.example.com", "_tcp", "_x._sctp.example.com",
                                    "_x\\._tcp.example.com", "_x.tcp.example.com", "_x._tcpx.example.com");
  CAPTURE(text);
  CHECK_FALSE(split_service_name(named(text)));
}

TEST_CASE("service_label_fault: names what breaks RFC 6335", "[resolver][rfc6335][rfc-check-5]") {
  const auto [label, fault] = GENERATE(table<std::string, std::string>({
      {"_http", ""},
      {"_a", ""},
      {"_A1-b", ""},
      {"_1a", ""},
      {"_123456789012a45", ""},
      {"http", "has no underscore in front"},
      {"", "has no underscore in front"},
      {"_", "is not 1 to 15 characters long"},
      {"_sipfederationtls", "is not 1 to 15 characters long"},
      {"_a_b", "has characters other than letters, digits and hyphens"},
      {"_a.b", "has characters other than letters, digits and hyphens"},
      {"_b\xC3\xBC", "has characters other than letters, digits and hyphens"},
      {"_-a", "begins or ends with a hyphen"},
      {"_a-", "begins or ends with a hyphen"},
      {"_a--b", "has two hyphens in a row"},
      {"_12-3", "has no letter"},
  }));
  CAPTURE(label);
  CHECK(service_label_fault(label) == fault);
}

TEST_CASE("is_host_name: only what may stand in a host name", "[resolver][rfc-check-42][fault-N7][fault-S13]") {
  const auto [text, expected] = GENERATE(table<std::string, bool>({
      {"host1.unilans.net", true},
      {"HOST_1.example", true},
      {"3com.example", true},
      {"1.2.3.4.example", true},
      {"xn--bro-hoa.example", true},
      {"a", true},
      {".", false},
      {"192.0.2.1", false},
      {"192.0.2", false},
      {"1", false},
      {"a.b\\000.c", false},
      {"a\\.b.c", false},
      {"x\\;rm\\032-rf.example", false},
      {"<script>.example", false},
      {"*.example", false},
      {"a\\032b.example", false},
      {"b\xC3\xBCro.example", false},
      {"a/b.example", false},
      {"a\\010b.example", false},
  }));
  CAPTURE(text);
  CHECK(is_host_name(named(text)) == expected);
}

TEST_CASE("txt_condition: a key, with or without a value",
          "[resolver][rfc6763][rfc-check-23][rfc-check-25][rfc-check-26]") {
  CHECK(txt_condition::from_text("flag")->key == "flag");
  CHECK_FALSE(txt_condition::from_text("flag")->value);
  CHECK(txt_condition::from_text("k=")->value == "");
  CHECK(txt_condition::from_text("k=a=b")->value == "a=b");
  CHECK(txt_condition::from_text("k y=\xFF")->value == "\xFF");
  const std::string text = GENERATE(as<std::string>(), "", "=", "=v", "k\x1f", "k\x7f=v", "k\xC3\xBC=v");
  CHECK(txt_condition::from_text(text).error() == errc::bad_service);
}

}  // namespace
