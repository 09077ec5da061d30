// Which names an answer may speak for, and which names are services.
#include "sdconnect/dns/answer.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "support/message_builder.hpp"
#include "support/name_of.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

const question about_q{name_of("q.example"), rr_type::a};
const octets address{192, 0, 2, 1};

message_builder scoped_reply() {
  message_builder made(1);
  made.response().question("q.example", rr_type::a);
  return made;
}

answer read_in(const message_builder& message, const answer_scope& scope) {
  const result<answer> a = read_answer(message.bytes(), about_q, scope);
  REQUIRE(a.has_value());
  return *a;
}

}  // namespace

TEST_CASE("answer_scope: contains a domain without the domains of other servers", "[dns][fault-O8]") {
  const answer_scope corp{name_of("corp.example"), {name_of("lab.corp.example")}};
  CHECK(corp.contains(name_of("corp.example")));
  CHECK(corp.contains(name_of("h.CORP.example")));
  CHECK_FALSE(corp.contains(name_of("h.lab.corp.example")));
  CHECK_FALSE(corp.contains(name_of("h.example")));
  CHECK_FALSE(corp.contains(name_of("notcorp.example")));
  CHECK(answer_scope().contains(name_of("h.example")));
}

TEST_CASE("read_answer: a chain that leaves the scope ends there, whatever is said about its end", "[dns][fault-O8]") {
  const answer_scope scope{name(), {name_of("corp")}};
  const bool has_data = GENERATE(true, false);
  message_builder message = scoped_reply();
  message.answer("q.example", rr_type::cname, 50, rdata_name("b.example"))
      .answer("b.example", rr_type::cname, 40, rdata_name("c.corp"))
      .answer("c.corp", rr_type::cname, 30, rdata_name("d.example"));
  if (has_data) {
    message.answer("c.corp", rr_type::a, 60, address).answer("d.example", rr_type::a, 60, address);
  } else {
    message.rcode(3);
  }
  const answer a = read_in(message, scope);
  CHECK(a.status == errc::empty_answer);
  CHECK(a.canonical == name_of("c.corp"));
  CHECK(a.alias_count == 2);
  CHECK(std::get<std::vector<ip_address>>(a.records).empty());
  CHECK_FALSE(read_in(message, answer_scope()).canonical == name_of("c.corp"));
}

TEST_CASE("read_answer: additional records of names outside the scope are ignored", "[dns][fault-O8]") {
  const message_builder message = scoped_reply()
                                      .answer("q.example", rr_type::a, 60, address)
                                      .additional("h.corp", rr_type::a, 60, address)
                                      .additional("h.example", rr_type::a, 60, address);
  const answer a = read_in(message, {name(), {name_of("corp")}});
  REQUIRE(a.additional.size() == 1);
  CHECK(a.additional[0].owner == name_of("h.example"));
  CHECK(a.dropped_records == 0);
  CHECK(read_in(message, answer_scope()).additional.size() == 2);
}

TEST_CASE("read_answer: empty sections are NODATA without proof, other answers without SOA are not",
          "[dns][rfc2308][fault-O14]") {
  const answer empty = read_in(scoped_reply(), {});
  CHECK(empty.status == errc::no_data);
  CHECK(empty.is_unproven);
  CHECK(empty.ttl == 0s);
  CHECK(read_in(scoped_reply().opt(512, 0, 0, true, {}), {}).is_unproven);
  for (const message_builder& other :
       {scoped_reply().authority("example", rr_type::ns, 60, rdata_name("ns.example")),
        scoped_reply().answer("other.example", rr_type::a, 60, address),
        scoped_reply().answer("q.example", rr_type::cname, 60, rdata_name("b.example"))}) {
    const answer a = read_in(other, {});
    CHECK(a.status == errc::empty_answer);
    CHECK_FALSE(a.is_unproven);
  }
}

TEST_CASE("is_service_instance, is_service_type: the forms of RFC 6763", "[dns][rfc6763][fault-O11]") {
  for (const char* type : {"_x._tcp.example.com", "_x._UDP.com", "_X-1._tcp.a.b.c"}) {
    CAPTURE(type);
    CHECK(is_service_type(name_of(type)));
    CHECK_FALSE(is_service_instance(name_of(type)));
    CHECK(is_service_instance(*name_of(type).child("An instance. With a dot")));
    CHECK(is_service_instance(*name_of(type).child("_v1")));
    CHECK_FALSE(is_service_instance(*name_of(type).child("_sub")));
  }
  for (const char* other :
       {".", "com", "_tcp.example.com", "_x.example.com", "_x._sctp.example.com", "x._tcp.example.com", "_x._tcp",
        "_._tcp.example.com", "_tcp._tcp.example.com", "junk.example.com"}) {
    CAPTURE(other);
    CHECK_FALSE(is_service_type(name_of(other)));
    CHECK_FALSE(is_service_instance(name_of(other)));
    if (const auto below = name_of(other).child("i")) CHECK_FALSE(is_service_instance(*below));
  }
  CHECK_FALSE(is_service_instance(name_of("_a._sub._x._tcp.example.com")));
  CHECK_FALSE(is_service_instance(name_of("i._a._sub._x._tcp.example.com")));
}

TEST_CASE("is_instance_for: an instance of another service counts, one of the other transport does not",
          "[dns][rfc6763][fault-O11]") {
  const name type = name_of("_x._tcp.example.com");
  CHECK(is_instance_for(type, name_of("i._x._tcp.example.com")));
  CHECK(is_instance_for(type, name_of("i._y._tcp.other.net")));
  CHECK(is_instance_for(name_of("_a._sub._x._tcp.example.com"), name_of("i._x._tcp.example.com")));
  CHECK_FALSE(is_instance_for(type, name_of("i._x._udp.example.com")));
  CHECK_FALSE(is_instance_for(type, name_of("i._x._tcp")));
  CHECK(is_instance_for(name_of("_x._tcp"), name_of("i._x._tcp")));
  CHECK(is_instance_for(name_of("plain.example.com"), name_of("i._x._udp.example.com")));
}
