// The answers of a zone. The tests build queries octet by octet, and read replies with the
// library's reader and, as an oracle, with ldns.
#include "unit/dns/zone_asking.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::test;

TEST_CASE("zone: data come with what a client asks next", "[dns][zone][rfc2782][rfc6763]") {
  const zone z = parsed(unilans);
  CHECK(z.apex().to_text() == "unilans.net.");
  CHECK(z.record_count() == 15);

  SECTION("SRV: the addresses of the targets") {
    const octets reply = ask(z, "_v1._theservice._tcp.unilans.net", rr_type::srv);
    CHECK(header_of(reply).authoritative);
    CHECK_FALSE(header_of(reply).recursion_available);
    CHECK(header_of(reply).recursion_desired);
    CHECK(lines_of(reply) == strings{"answer _v1._theservice._tcp.unilans.net. 60 SRV 0 30 18081 host1.unilans.net.",
                                     "answer _v1._theservice._tcp.unilans.net. 60 SRV 0 10 18082 host2.unilans.net.",
                                     "additional host1.unilans.net. 60 A 127.0.0.11",
                                     "additional host2.unilans.net. 60 A 127.0.0.12"});
  }
  SECTION("PTR: SRV and TXT of the instances, then the addresses") {
    CHECK(lines_of(ask(z, "_theService._tcp.unilans.net", rr_type::ptr)) ==
          strings{"answer _theService._tcp.unilans.net. 60 PTR _v1._theservice._tcp.unilans.net.",
                  "answer _theService._tcp.unilans.net. 60 PTR _v2._theservice._tcp.unilans.net.",
                  "additional _v1._theservice._tcp.unilans.net. 60 SRV 0 30 18081 host1.unilans.net.",
                  "additional _v1._theservice._tcp.unilans.net. 60 SRV 0 10 18082 host2.unilans.net.",
                  "additional _v2._theservice._tcp.unilans.net. 60 SRV 0 0 18084 Host3.unilans.net.",
                  "additional _v1._theservice._tcp.unilans.net. 60 TXT \"txtvers=1\" \"data=sampledata\"",
                  "additional host1.unilans.net. 60 A 127.0.0.11", "additional host2.unilans.net. 60 A 127.0.0.12",
                  "additional Host3.unilans.net. 60 A 127.0.0.13", "additional Host3.unilans.net. 60 AAAA ::1"});
  }
  SECTION("a shared target's addresses come once, one in the answer not again") {
    const zone shared =
        with_soa("_x._tcp SRV 0 0 1 h\n_x._tcp SRV 0 0 2 h\nh A 192.0.2.1\n@ NS h\n@ NS @\n@ A 192.0.2.9\n");
    CHECK(lines_of(ask(shared, "_x._tcp.example.com", rr_type::srv)).size() == 3);
    CHECK(lines_of(ask(shared, "example.com", rr_type::ns)) ==
          strings{"answer example.com. 60 NS h.example.com.", "answer example.com. 60 NS example.com.",
                  "additional h.example.com. 60 A 192.0.2.1", "additional example.com. 60 A 192.0.2.9"});
  }
  SECTION("targets outside the zone and the target of no service have none") {
    const zone away = with_soa("_x._tcp SRV 0 0 1 h.example.net.\n_y._tcp SRV 0 0 0 .\n");
    CHECK(lines_of(ask(away, "_x._tcp.example.com", 33)) ==
          strings{"answer _x._tcp.example.com. 60 SRV 0 0 1 h.example.net."});
    CHECK(lines_of(ask(away, "_y._tcp.example.com", 33)) == strings{"answer _y._tcp.example.com. 60 SRV 0 0 0 ."});
  }
}

TEST_CASE("zone: names match without case and are shown as asked and as written", "[dns][zone][rfc4343][fault-N1]") {
  const zone z = with_soa("_X._TCP PTR Inst._x._tcp\ninst._x._tcp SRV 0 0 1 HOST\nHost A 192.0.2.1\n");
  CHECK(lines_of(ask(z, "_x._tcp.EXAMPLE.com", rr_type::ptr)) ==
        strings{"answer _x._tcp.EXAMPLE.com. 60 PTR Inst._x._tcp.example.com.",
                "additional inst._x._tcp.example.com. 60 SRV 0 0 1 HOST.example.com.",
                "additional Host.example.com. 60 A 192.0.2.1"});
}

TEST_CASE("zone: what does not exist is told apart from what has other data", "[dns][zone][rfc2308][rfc8020]") {
  const zone z = with_soa("a.b.c A 192.0.2.1\n");
  const auto [qname, code] = GENERATE(table<std::string, rcode>({
      {"x.example.com", rcode::nxdomain},
      {"x.a.b.c.example.com", rcode::nxdomain},
      {"a.b.c.example.com", rcode::noerror},
      {"b.c.example.com", rcode::noerror},  // empty non-terminals exist
      {"c.example.com", rcode::noerror},
      {"example.com", rcode::noerror},
  }));
  INFO(qname);
  const octets reply = ask(z, qname, rr_type::txt);
  CHECK(rcode_of(reply) == code);
  CHECK(header_of(reply).authoritative);
  CHECK(lines_of(reply) == example_soa);
}

TEST_CASE("zone: the SOA of a negative reply has the lower of its TTL and MINIMUM", "[dns][zone][rfc2308]") {
  const zone low_ttl = parsed("a. 20 SOA a. a. 1 2 3 4 30\n");
  CHECK(lines_of(ask(low_ttl, "a", rr_type::a)) == strings{"authority a. 20 SOA minimum 30"});
  CHECK(lines_of(ask(low_ttl, "a", rr_type::soa)) == strings{"answer a. 20 SOA minimum 30"});
  const zone low_minimum = parsed("a. 300 SOA a. a. 1 2 3 4 30\n");
  CHECK(lines_of(ask(low_minimum, "a", rr_type::a)) == strings{"authority a. 30 SOA minimum 30"});
  CHECK(lines_of(ask(low_minimum, "a", rr_type::soa)) == strings{"answer a. 300 SOA minimum 30"});
}

TEST_CASE("zone: wildcards stand in for names that do not exist", "[dns][zone][rfc4592]") {
  // The example in RFC 4592 §2.2.1.
  const zone z = with_soa(
      "* TXT \"this is a wildcard\"\n* MX 10 host1\nsub.* TXT \"this is not a wildcard\"\nhost1 A 192.0.2.1\n"
      "_ssh._tcp.host1 SRV 0 0 22 host1\n_ssh._tcp.host2 SRV 0 0 22 host1\nsubdel NS ns.example.net.\n");
  const auto answer = [&z](const char* qname, code_point type) { return lines_of(ask(z, qname, type)); };
  CHECK(answer("host3.example.com", rr_type::txt) ==
        strings{"answer host3.example.com. 60 TXT \"this is a wildcard\""});
  CHECK(answer("Foo.bar.example.com", rr_type::txt) ==
        strings{"answer Foo.bar.example.com. 60 TXT \"this is a wildcard\""});
  CHECK(answer("host3.example.com", rr_type::a) == example_soa);
  CHECK(rcode_of(ask(z, "host3.example.com", rr_type::a)) == rcode::noerror);
  CHECK(answer("host1.example.com", rr_type::txt) == example_soa);
  CHECK(answer("sub.*.example.com", rr_type::srv) == example_soa);
  CHECK(rcode_of(ask(z, "_telnet._tcp.host1.example.com", rr_type::srv)) == rcode::nxdomain);
  CHECK(rcode_of(ask(z, "host2.example.com", rr_type::txt)) == rcode::noerror);  // an empty non-terminal
  CHECK(answer("host2.example.com", rr_type::txt) == example_soa);
  CHECK(rcode_of(ask(z, "ghost.*.example.com", rr_type::txt)) == rcode::nxdomain);
  CHECK(answer("host.subdel.example.com", rr_type::txt) ==
        strings{"authority subdel.example.com. 60 NS ns.example.net."});
}

TEST_CASE("zone: delegations are referred to", "[dns][zone][rfc1034]") {
  const zone z = with_soa(
      "sub NS ns.sub\nsub NS ns.other\nsub DS 1 8 2 00112233\nns.sub A 192.0.2.1\nns.sub AAAA 2001:db8::1\n"
      "x.sub TXT \"not ours\"\nns.other A 192.0.2.2\n");
  const strings referral{
      "authority sub.example.com. 60 NS ns.sub.example.com.", "authority sub.example.com. 60 NS ns.other.example.com.",
      "additional ns.sub.example.com. 60 A 192.0.2.1", "additional ns.sub.example.com. 60 AAAA 2001:db8::1"};
  for (const char* qname : {"sub.example.com", "x.sub.example.com", "ns.sub.example.com", "a.b.sub.example.com"}) {
    INFO(qname);
    const octets reply = ask(z, qname, rr_type::txt);
    CHECK(lines_of(reply) == referral);
    CHECK(rcode_of(reply) == rcode::noerror);
    CHECK_FALSE(header_of(reply).authoritative);
  }
  SECTION("DS of the cut belongs to the parent") {
    const octets reply = ask(z, "sub.example.com", 43);
    CHECK(header_of(reply).authoritative);
    CHECK(header_of(reply).answer_count == 1);
  }
  SECTION("a referral without room for its glue is truncated") {
    const octets reply = ask(z, "x.sub.example.com", rr_type::txt, 100);
    CHECK(header_of(reply).truncated);
    CHECK(lines_of(reply).empty());
  }
}

TEST_CASE("zone: aliases are followed inside the zone", "[dns][zone][rfc1034][fault-N14]") {
  const zone z = with_soa(
      "a CNAME b\nb CNAME c\nc A 192.0.2.1\nout CNAME www.example.net.\nloop1 CNAME loop2\nloop2 CNAME loop1\n"
      "gone CNAME nothing\nempty CNAME c\n*.w CNAME c\nsub NS ns.example.net.\ncut CNAME x.sub\n");
  const auto answer = [&z](const char* qname, code_point type) { return lines_of(ask(z, qname, type)); };
  CHECK(answer("a.example.com", rr_type::a) == strings{"answer a.example.com. 60 CNAME b.example.com.",
                                                       "answer b.example.com. 60 CNAME c.example.com.",
                                                       "answer c.example.com. 60 A 192.0.2.1"});
  CHECK(answer("a.example.com", rr_type::cname) == strings{"answer a.example.com. 60 CNAME b.example.com."});
  CHECK(answer("out.example.com", rr_type::a) == strings{"answer out.example.com. 60 CNAME www.example.net."});
  CHECK(answer("x.w.example.com", rr_type::a) ==
        strings{"answer x.w.example.com. 60 CNAME c.example.com.", "answer c.example.com. 60 A 192.0.2.1"});
  CHECK(answer("gone.example.com", rr_type::a) ==
        strings{"answer gone.example.com. 60 CNAME nothing.example.com.", example_soa[0]});
  CHECK(rcode_of(ask(z, "gone.example.com", rr_type::a)) == rcode::nxdomain);
  CHECK(answer("empty.example.com", rr_type::txt) ==
        strings{"answer empty.example.com. 60 CNAME c.example.com.", example_soa[0]});
  CHECK(answer("cut.example.com", rr_type::a) == strings{"answer cut.example.com. 60 CNAME x.sub.example.com.",
                                                         "authority sub.example.com. 60 NS ns.example.net."});
  CHECK(header_of(ask(z, "cut.example.com", rr_type::a)).authoritative);
  CHECK(header_of(ask(z, "loop1.example.com", rr_type::a)).answer_count == 9);  // limited
}

TEST_CASE("zone: DNAME renames everything below it", "[dns][zone][rfc6672][fault-N14]") {
  const zone z = with_soa("old DNAME new\nold TXT \"here\"\nx.new A 192.0.2.1\nfar DNAME example.net.\n");
  CHECK(lines_of(ask(z, "x.old.example.com", rr_type::a)) ==
        strings{"answer old.example.com. 60 DNAME new.example.com.",
                "answer x.old.example.com. 60 CNAME x.new.example.com.", "answer x.new.example.com. 60 A 192.0.2.1"});
  CHECK(lines_of(ask(z, "x.far.example.com", rr_type::a)) ==
        strings{"answer far.example.com. 60 DNAME example.net.", "answer x.far.example.com. 60 CNAME x.example.net."});
  CHECK(lines_of(ask(z, "gone.old.example.com", rr_type::cname)) ==
        strings{"answer old.example.com. 60 DNAME new.example.com.",
                "answer gone.old.example.com. 60 CNAME gone.new.example.com."});
  CHECK(rcode_of(ask(z, "gone.old.example.com", rr_type::a)) == rcode::nxdomain);
  CHECK(lines_of(ask(z, "old.example.com", rr_type::txt)) == strings{"answer old.example.com. 60 TXT \"here\""});
  CHECK(lines_of(ask(z, "old.example.com", rr_type::dname)) ==
        strings{"answer old.example.com. 60 DNAME new.example.com."});

  const std::string label(60, 'x');
  const zone lengthening = with_soa("s DNAME " + label + "." + label + "\n");
  const octets too_long = ask(lengthening, label + "." + label + "." + label + ".s.example.com", rr_type::a);
  CHECK(header_of(too_long).rcode == 6);  // YXDOMAIN
}

TEST_CASE("zone: ANY is answered by one RRset", "[dns][zone][rfc8482]") {
  const zone z = parsed(unilans);
  CHECK(lines_of(ask(z, "host3.unilans.net", 255)) == strings{"answer host3.unilans.net. 60 A 127.0.0.13"});
  CHECK(header_of(ask(z, "_tcp.unilans.net", 255)).authority_count == 1);
  CHECK(rcode_of(ask(z, "x.unilans.net", 255)) == rcode::nxdomain);
}
