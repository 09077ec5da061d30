// The meaning of a reply: data at the end of an alias chain, or which kind of negative answer.
#include "sdconnect/dns/answer.hpp"

#include "support/message_builder.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

const question asked_srv{*name::from_text("q.example"), rr_type::srv};
const question asked_a{*name::from_text("q.example"), rr_type::a};

message_builder reply(rr_type type = rr_type::srv) {
  message_builder made(1);
  made.response().question("q.example", type);
  return made;
}

answer read(const message_builder& message, const question& asked = asked_srv) {
  const result<answer> a = read_answer(message.bytes(), asked);
  REQUIRE(a);
  return *a;
}

const octets srv_h = rdata_srv(1, 2, 3, "h.example");

std::vector<std::string> targets_of(const answer& a) {
  std::vector<std::string> out;
  for (const srv_record& srv : std::get<std::vector<srv_record>>(a.records)) out.push_back(srv.target.to_text());
  return out;
}

TEST_CASE("read_answer: gives the records of the question", "[dns][rfc2782][rfc-check-44][rfc-check-49]") {
  const answer a = read(reply()
                            .ad()
                            .answer("Q.example", rr_type::srv, 60, srv_h)
                            .answer(wire_name::pointer(12), rr_type::srv, 30, rdata_srv(1, 2, 4, "i")));
  CHECK_FALSE(a.status);
  CHECK(a.code == rcode::noerror);
  CHECK(a.authenticated);
  CHECK(a.canonical == asked_srv.qname);
  CHECK(a.alias_count == 0);
  CHECK(targets_of(a) == std::vector<std::string>{"h.example.", "i."});
  CHECK(a.dropped_records == 0);
}

TEST_CASE("read_answer: the alternative follows from the type", "[dns]") {
  const auto index_for = [](rr_type type, const octets& rdata) {
    const question asked{*name::from_text("q.example"), type};
    const answer a = read(reply(type).answer("q.example", type, 60, rdata), asked);
    CHECK_FALSE(a.status);
    return a.records.index();
  };
  CHECK(index_for(rr_type::ptr, {0}) == 0);
  CHECK(index_for(rr_type::srv, srv_h) == 1);
  CHECK(index_for(rr_type::txt, {1, 'a'}) == 2);
  CHECK(index_for(rr_type::a, {192, 0, 2, 1}) == 3);
  CHECK(index_for(rr_type::aaaa, octets(16, 1)) == 3);
}

TEST_CASE("read_answer: the lowest TTL counts, and one with the top bit set is 0", "[dns][rfc2181][rfc-check-59]") {
  const auto ttl_of = [](std::uint32_t first, std::uint32_t second) {
    return read(reply()
                    .answer("q.example", rr_type::srv, first, srv_h)
                    .answer("q.example", rr_type::srv, second, rdata_srv(0, 0, 1, "i")))
        .ttl;
  };
  CHECK(ttl_of(60, 30) == 30s);
  CHECK(ttl_of(30, 60) == 30s);
  CHECK(ttl_of(0x7FFFFFFF, 0x7FFFFFFF) == std::chrono::seconds(0x7FFFFFFF));
  CHECK(ttl_of(60, 0x80000000) == 0s);
  CHECK(ttl_of(0xFFFFFFFF, 60) == 0s);
  CHECK(ttl_of(60, 0) == 0s);
}

TEST_CASE("read_answer: a dropped record's TTL does not count", "[dns][rfc2181][rfc-check-59]") {
  const answer a = read(reply()
                            .answer("q.example", rr_type::srv, 60, srv_h)
                            .answer("q.example", rr_type::srv, 1, {0, 0})
                            .additional("h.example", rr_type::a, 60, {192, 0, 2, 1})
                            .additional("h.example", rr_type::a, 1, {192}));
  CHECK(a.ttl == 60s);
  CHECK(a.dropped_records == 2);
  REQUIRE(a.additional.size() == 1);
  CHECK(a.additional[0].ttl == 60s);
}

TEST_CASE("read_answer: records of no use are dropped and counted, the others used",
          "[dns][rfc-check-49][fault-W14][fault-W15][fault-W24][fault-W26][fault-T2][fault-T14]") {
  const auto [what, bad] = GENERATE(table<std::string, message_builder>({
      {"malformed", reply().answer("q.example", rr_type::srv, 60, {0, 1, 0, 2})},
      {"of a foreign owner", reply().answer("other.example", rr_type::srv, 60, srv_h)},
      {"of the parent", reply().answer("example", rr_type::srv, 60, srv_h)},
      {"of class CH", reply().answer("q.example", rr_type::srv, 60, srv_h, 3)},
      {"of class ANY", reply().answer("q.example", rr_type::srv, 60, srv_h, 255)},
      {"of class NONE", reply().answer("q.example", rr_type::srv, 60, srv_h, 254)},
      {"of another type", reply().answer("q.example", rr_type::txt, 60, {1, 'a'})},
  }));
  CAPTURE(what);
  message_builder message = bad;
  const answer a = read(message.answer("q.example", rr_type::srv, 60, rdata_srv(0, 0, 1, "good")));
  CHECK(targets_of(a) == std::vector<std::string>{"good."});
  CHECK(a.dropped_records == 1);
  CHECK(a.additional.empty());
}

TEST_CASE("read_answer: types and options nobody asked for are no fault", "[dns][rfc3597][fault-W18][fault-W22]") {
  const answer a = read(reply()
                            .answer("q.example", 46, 60, {0xFF})
                            .answer("q.example", rr_type::srv, 60, srv_h)
                            .authority("example", 47, 60, {})
                            .additional("x", 64, 60, {0xFF})
                            .additional("y", rr_type::ns, 60, {})
                            .opt(512, 0, 0, true, {0, 13, 0, 1, 0xFF}));
  CHECK_FALSE(a.status);
  CHECK(a.dropped_records == 0);
  CHECK(a.additional.empty());
}

TEST_CASE("read_answer: an alias chain is followed in any order of records",
          "[dns][rfc1034][rfc-check-49][rfc-check-50][fault-N14]") {
  const octets to_b = rdata_name("b.example");
  const octets to_c = rdata_name("C.example");
  const auto [what, message] = GENERATE_COPY(table<std::string, message_builder>({
      {"in order", reply()
                       .answer("q.example", rr_type::cname, 50, to_b)
                       .answer("b.example", rr_type::cname, 40, to_c)
                       .answer("c.example", rr_type::srv, 60, srv_h)},
      {"reversed", reply()
                       .answer("c.example", rr_type::srv, 60, srv_h)
                       .answer("B.example", rr_type::cname, 40, to_c)
                       .answer("q.example", rr_type::cname, 50, to_b)},
      {"mixed", reply()
                    .answer("b.example", rr_type::cname, 40, to_c)
                    .answer("c.example", rr_type::srv, 60, srv_h)
                    .answer("q.example", rr_type::cname, 50, to_b)},
  }));
  CAPTURE(what);
  const answer a = read(message);
  CHECK_FALSE(a.status);
  CHECK(a.canonical.to_text() == "C.example.");
  CHECK(a.alias_count == 2);
  CHECK(a.ttl == 40s);
  CHECK(targets_of(a) == std::vector<std::string>{"h.example."});
  CHECK(a.dropped_records == 0);
}

TEST_CASE("read_answer: only the end of the chain gives data", "[dns][fault-W26]") {
  const answer a =
      read(reply().answer("q.example", rr_type::cname, 50, rdata_name("b")).answer("c", rr_type::srv, 60, srv_h));
  CHECK(a.status == errc::empty_answer);
  CHECK(a.canonical.to_text() == "b.");
  CHECK(targets_of(a).empty());
}

TEST_CASE("read_answer: a DNAME above the name replaces the suffix", "[dns][rfc6672][fault-N14]") {
  const octets to_org = rdata_name("org");
  const answer with_cname = read(reply()
                                     .answer("example", rr_type::dname, 50, to_org)
                                     .answer("q.example", rr_type::cname, 0, rdata_name("q.org"))
                                     .answer("q.org", rr_type::srv, 60, srv_h));
  CHECK(with_cname.canonical.to_text() == "q.org.");
  CHECK(with_cname.alias_count == 1);
  CHECK_FALSE(with_cname.status);
  const answer alone =
      read(reply().answer("q.org", rr_type::srv, 60, srv_h).answer("example", rr_type::dname, 50, to_org));
  CHECK(targets_of(alone).size() == 1);
  CHECK(alone.ttl == 50s);
  // A DNAME at the name itself does not apply to the name (RFC 6672 §2.3).
  const answer at_name =
      read(reply().answer("q.example", rr_type::dname, 50, to_org).answer("org", rr_type::srv, 60, srv_h));
  CHECK(at_name.alias_count == 0);
  CHECK(at_name.status == errc::empty_answer);
}

TEST_CASE("read_answer: a malformed alias leads nowhere", "[dns][fault-W16]") {
  const rr_type type = GENERATE(rr_type::cname, rr_type::dname);
  const answer a = read(reply().answer(type == rr_type::cname ? "q.example" : "example", type, 50, {1, 'b', 0, 0}));
  CHECK(a.alias_count == 0);
  CHECK(a.status == errc::empty_answer);
  CHECK(a.dropped_records == 1);
}

TEST_CASE("read_answer: aliases outside of the chain are dropped and counted", "[dns][rfc-check-49][fault-W26]") {
  const octets to_b = rdata_name("b.example");
  const auto [what, message, dropped] = GENERATE_COPY(table<std::string, message_builder, unsigned>({
      {"of another name", reply().answer("x.example", rr_type::cname, 60, to_b), 1},
      {"of class CH", reply().answer("q.example", rr_type::cname, 60, to_b, 3), 1},
      {"above another name", reply().answer("other", rr_type::dname, 60, to_b), 1},
      {"the name's own", reply().answer("q.example", rr_type::cname, 60, to_b), 0},
      {"one of each",
       reply()
           .answer("x.example", rr_type::cname, 60, to_b)
           .answer("q.example", rr_type::cname, 60, to_b)
           .answer("b.example", rr_type::cname, 60, rdata_name("c.example")),
       1},
      {"beside data of the name",
       reply().answer("q.example", rr_type::srv, 60, srv_h).answer("q.example", rr_type::cname, 60, to_b), 1},
      {"a DNAME and the CNAME made from it",
       reply()
           .answer("example", rr_type::dname, 60, rdata_name("org"))
           .answer("q.example", rr_type::cname, 60, rdata_name("q.org")),
       0},
  }));
  CAPTURE(what);
  CHECK(read(message).dropped_records == dropped);
}

TEST_CASE("answer_reader: nothing of one reply is left in the next", "[dns]") {
  answer_reader reader;
  answer out;
  const auto read_into = [&](const message_builder& message, const question& asked) {
    REQUIRE_FALSE(reader.read(message.bytes(), asked, out));
  };
  read_into(reply()
                .ad()
                .answer("q.example", rr_type::cname, 5, rdata_name("b"))
                .answer("b", rr_type::srv, 5, srv_h)
                .answer("b", rr_type::srv, 5, {0})
                .additional("h.example", rr_type::a, 5, {192, 0, 2, 1})
                .additional("i.example", rr_type::txt, 5, {1, 'a'}),
            asked_srv);
  CHECK(out.additional.size() == 2);
  read_into(reply(rr_type::a)
                .answer("q.example", rr_type::a, 60, {192, 0, 2, 2})
                .additional("i.example", rr_type::aaaa, 60, octets(16, 1)),
            asked_a);
  CHECK_FALSE(out.authenticated);
  CHECK(out.canonical.to_text() == "q.example.");
  CHECK(out.alias_count == 0);
  CHECK(out.dropped_records == 0);
  CHECK(out.ttl == 60s);
  CHECK(std::get<std::vector<ip_address>>(out.records).size() == 1);
  REQUIRE(out.additional.size() == 1);
  CHECK(out.additional[0].owner.to_text() == "i.example.");
  CHECK(out.additional[0].type == rr_type::aaaa);
  CHECK(out.additional[0].ttl == 60s);
  CHECK(std::get<std::vector<ip_address>>(out.additional[0].records).size() == 1);
  read_into(reply().rcode(3), asked_srv);
  CHECK(out.status == errc::nxdomain);
  CHECK(std::get<std::vector<srv_record>>(out.records).empty());
  CHECK(out.additional.empty());
}

TEST_CASE("read_answer: an additional owner is not taken from a record that is passed over", "[dns][fault-T14]") {
  // The address after the NS record repeats the NS record's owner, not that of the previous
  // address.
  message_builder message = reply().answer("q.example", rr_type::srv, 60, srv_h);
  message.additional("h.example", rr_type::a, 60, {192, 0, 2, 1});
  const std::size_t at = message.offset();
  message.additional("i.example", rr_type::ns, 60, {0});
  message.additional(wire_name::pointer(at), rr_type::a, 60, {192, 0, 2, 2});
  const answer a = read(message);
  REQUIRE(a.additional.size() == 2);
  CHECK(a.additional[1].owner.to_text() == "i.example.");
  CHECK(std::get<std::vector<ip_address>>(a.additional[0].records).size() == 1);
}

TEST_CASE("read_answer: eight aliases are followed, nine are a loop", "[dns][rfc1034][rfc-check-58][fault-S11]") {
  const auto chain_of = [](int length, bool in_order) {
    message_builder message = reply();
    const auto label = [](int i) { return i == 0 ? std::string("q.example") : "n" + std::to_string(i); };
    for (int i = 0; i < length; ++i) {
      const int step = in_order ? i : length - 1 - i;
      message.answer(label(step), rr_type::cname, 60, rdata_name(label(step + 1)));
    }
    return read(message.answer(label(length), rr_type::srv, 60, srv_h));
  };
  const bool in_order = GENERATE(true, false);
  CHECK_FALSE(chain_of(8, in_order).status);
  CHECK(chain_of(8, in_order).alias_count == 8);
  CHECK(chain_of(9, in_order).status == errc::alias_loop);
}

TEST_CASE("read_answer: aliases that come back to themselves are a loop", "[dns][rfc-check-58][fault-S11]") {
  CHECK(read(reply().answer("q.example", rr_type::cname, 60, rdata_name("q.example"))).status == errc::alias_loop);
  CHECK(read(reply()
                 .answer("q.example", rr_type::cname, 60, rdata_name("b"))
                 .answer("b", rr_type::cname, 60, rdata_name("q.example")))
            .status == errc::alias_loop);
  CHECK(read(reply().answer("example", rr_type::dname, 60, rdata_name("x.example"))).status == errc::alias_loop);
}

TEST_CASE("read_answer: additional records are grouped by owner and type", "[dns][rfc6763][rfc-check-19][fault-T14]") {
  const answer a = read(reply()
                            .answer("q.example", rr_type::srv, 60, srv_h)
                            .additional("h.example", rr_type::a, 50, {192, 0, 2, 1})
                            .additional("h.example", rr_type::aaaa, 40, octets(16, 1))
                            .additional("H.example", rr_type::a, 30, {192, 0, 2, 2})
                            .additional("t.example", rr_type::txt, 20, {1, 'a'})
                            .additional("h.example", rr_type::a, 10, {192, 0, 2, 3}, 3)
                            .opt());
  REQUIRE(a.additional.size() == 3);
  CHECK(a.additional[0].owner.to_text() == "h.example.");
  CHECK(a.additional[0].type == rr_type::a);
  CHECK(a.additional[0].ttl == 30s);
  CHECK(std::get<std::vector<ip_address>>(a.additional[0].records).size() == 2);
  CHECK(a.additional[1].type == rr_type::aaaa);
  CHECK(a.additional[2].owner.to_text() == "t.example.");
  CHECK(a.dropped_records == 1);
  CHECK(read(reply().additional("h.example", rr_type::a, 50, {192})).additional.empty());
}

}  // namespace
