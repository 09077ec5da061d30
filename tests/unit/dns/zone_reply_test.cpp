// The replies of a zone as messages: their octets, limits, EDNS, and errors in a query.
#include "unit/dns/zone_asking.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;

TEST_CASE("zone: a reply is these octets", "[dns][zone]") {
  const zone z = parsed("a. 5 IN SOA a. a. 1 2 3 4 5\nb.A. 7 IN A 192.0.2.1\n");
  const octets query{
      0xAB, 0xCD, 0x01, 0x00,                             // ID; RD
      0x00, 0x01, 0,    0,    0,    0, 0, 1,              // one question, one additional record
      1,    'B',  1,    'a',  0,                          // B.a.
      0x00, 0x01, 0x00, 0x01,                             // A, IN
      0,    0,    41,   0x10, 0x00, 0, 0, 0x80, 0, 0, 0,  // OPT: payload 4096, version 0, DO
  };
  const octets expected{
      0xAB, 0xCD, 0x85, 0x00,                                // the ID; QR, AA, RD, NOERROR
      0x00, 0x01, 0,    1,    0,    0,    0, 1,              // one question, answer and additional record
      1,    'B',  1,    'a',  0,                             // the question's name in the letter case of the query
      0x00, 0x01, 0x00, 0x01,                                // A, IN
      0xC0, 0x0C, 0x00, 0x01, 0x00, 0x01,                    // the answer's owner: pointer to the question; A, IN
      0,    0,    0,    7,                                   // TTL
      0,    4,    192,  0,    2,    1,                       // RDATA
      0,    0,    41,   0x04, 0xD0, 0,    0, 0x80, 0, 0, 0,  // OPT: payload 1232, DO repeated
  };
  CHECK(z.reply(query, 512) == expected);
}

TEST_CASE("zone: owners and PTR targets are compressed, SRV targets never", "[dns][zone][rfc2782][fault-W17]") {
  const zone z = with_soa("_x._tcp PTR i._x._tcp\ni._x._tcp SRV 0 0 1 host\nhost A 192.0.2.1\n");
  const octets reply = ask(z, "_x._tcp.example.com", rr_type::ptr);
  const octets expected =
      message_builder(0x1234)
          .response()
          .aa()
          .rd()
          .question("_x._tcp.example.com", rr_type::ptr)                                                // name at 12
          .answer(wire_name::pointer(12), rr_type::ptr, 60, rdata_name(wire_name::pointer(12, {"i"})))  // at 49
          .additional(wire_name::pointer(49), rr_type::srv, 60, rdata_srv(0, 0, 1, "host.example.com"))
          .additional(wire_name::pointer(71), rr_type::a, 60, rdata_a("192.0.2.1"))
          .bytes();
  CHECK(reply == expected);
  REQUIRE(lines_of(reply).size() == 3);
}

TEST_CASE("zone: what is not served is refused by name", "[dns][zone]") {
  const zone z = parsed(unilans);
  const auto code = [&z](const message_builder& query) { return rcode_of(z.reply(query.bytes(), 512)); };
  CHECK(code(message_builder(1).question("example.com", 1)) == rcode::refused);
  CHECK(code(message_builder(1).question("net", 1)) == rcode::refused);
  CHECK(code(message_builder(1).question("xunilans.net", 1)) == rcode::refused);
  CHECK(code(message_builder(1).question("unilans.net", 1, 3)) == rcode::refused);  // class CH
  CHECK(code(message_builder(1).question("unilans.net", 252)) == rcode::refused);   // AXFR
  CHECK(code(message_builder(1).question("unilans.net", 249)) == rcode::notimp);    // TKEY
  CHECK(code(message_builder(1).question("unilans.net", 41)) == rcode::notimp);     // OPT
  CHECK(code(message_builder(1).opcode(5).question("unilans.net", 6)) == rcode::notimp);
  CHECK_FALSE(header_of(ask(z, "example.com", 1)).authoritative);
}

TEST_CASE("zone: a query that cannot be read is a format error", "[dns][zone][fault-W3][fault-W4][fault-W7]") {
  const zone z = parsed(unilans);
  const auto code = [&z](const octets& query) { return rcode_of(z.reply(query, 512)); };
  CHECK(code(message_builder(1).bytes()) == rcode::formerr);
  CHECK(code(message_builder(1).question("unilans.net", 1).question("unilans.net", 1).bytes()) == rcode::formerr);
  CHECK(code(message_builder(1).counts(65535, 0, 0, 0).bytes()) == rcode::formerr);
  CHECK(code(message_builder(1).question("unilans.net", 1).counts(1, 0, 0, 65535).bytes()) == rcode::formerr);
  CHECK(code(message_builder(1).question(wire_name::pointer(12), 1).bytes()) == rcode::formerr);
  CHECK(code(message_builder(1).question("unilans.net", 1).opt().opt().bytes()) == rcode::formerr);
  CHECK(code(message_builder(1).question("unilans.net", 1).answer("", 41, 0, {}).bytes()) == rcode::formerr);
  CHECK(code(message_builder(1).question("unilans.net", 1).additional("x", 41, 0, {}).bytes()) == rcode::formerr);
  CHECK(code(message_builder(1).question("unilans.net", 1).record(3, "", 41, 0, {}, 512, 9).bytes()) == rcode::formerr);
  octets cut = query_for("unilans.net", 1);
  cut.pop_back();
  CHECK(code(cut) == rcode::formerr);
}

TEST_CASE("zone: some messages deserve no reply", "[dns][zone][fault-W1][fault-W2]") {
  const zone z = parsed(unilans);
  for (std::size_t size = 0; size < 12; ++size) CHECK(z.reply(octets(size, 0), 512).empty());
  CHECK(z.reply(message_builder(1).response().question("unilans.net", 1).bytes(), 512).empty());
  CHECK(z.reply(message_builder(1).response().bytes(), 512).empty());
}

TEST_CASE("zone: EDNS is answered with EDNS", "[dns][zone][rfc6891]") {
  const zone z = parsed(unilans);
  const auto opt_of = [](const octets& reply) {
    auto reader = message_reader::open(reply);
    REQUIRE(reader.has_value());
    std::vector<message_record> found;
    while (reader->next()) {
      if (reader->record().type == rr_type::opt) found.push_back(reader->record());
    }
    return found;
  };
  const auto query = [](unsigned version) {
    return message_builder(7).question("unilans.net", 6).opt(4096, 0, version).bytes();
  };

  const octets plain = z.reply(query(0), 512);
  REQUIRE(opt_of(plain).size() == 1);
  CHECK(opt_of(plain)[0].ttl == 0);
  CHECK(static_cast<unsigned>(opt_of(plain)[0].rclass) == 1232);

  const octets bad_version = z.reply(query(1), 512);
  CHECK(header_of(bad_version).rcode == 0);
  REQUIRE(opt_of(bad_version).size() == 1);
  CHECK(opt_of(bad_version)[0].ttl == 0x01000000);  // extended rcode 1, so BADVERS = 16; version 0
  CHECK(header_of(bad_version).answer_count == 0);

  CHECK(opt_of(ask(z, "unilans.net", 6)).empty());
}

TEST_CASE("zone: the UDP limit is what the query offers, 512 at least", "[dns][zone][rfc6891]") {
  const auto limit = [](unsigned payload) {
    return udp_reply_limit(message_builder(1).question("a", 1).opt(payload).bytes());
  };
  CHECK(limit(1232) == 1232);
  CHECK(limit(4096) == 4096);
  CHECK(limit(100) == 512);
  CHECK(udp_reply_limit(query_for("a", 1)) == 512);
  CHECK(udp_reply_limit({}) == 512);
}

TEST_CASE("zone: at every limit the answer is whole or empty, and additional RRsets are whole",
          "[dns][zone][rfc2181][rfc7766]") {
  std::string text = "_x._tcp PTR a._x._tcp\n_x._tcp PTR b._x._tcp\na._x._tcp TXT \"" + std::string(200, 't') + "\"\n";
  for (int i = 0; i < 6; ++i) {
    const std::string n = std::to_string(i);
    text += (i < 3 ? "a" : "b") + std::string("._x._tcp SRV 0 0 ") + n + " h" + n + "\nh" + n + " A 192.0.2." + n +
            "\nh" + n + " A 192.0.3." + n + "\n";
  }
  const zone z = with_soa(text);
  const bool edns = GENERATE(false, true);
  message_builder query(1);
  query.question("_x._tcp.example.com", rr_type::ptr);
  if (edns) query.opt();
  const octets whole = z.reply(query.bytes(), 65535);
  const strings all = lines_of(whole);
  REQUIRE(all.size() == 2 + 6 + 1 + 12);

  std::size_t most = 0;
  for (std::size_t limit = 37 + 11; limit <= whole.size(); ++limit) {
    const octets reply = z.reply(query.bytes(), limit);
    REQUIRE(reply.size() <= limit);
    const strings lines = lines_by_reader(reply);
    if (header_of(reply).truncated) {
      REQUIRE(lines.empty());
      REQUIRE(most == 0);
      continue;
    }
    REQUIRE(lines.size() >= 2);
    most = std::max(most, lines.size());
    for (const char* set :
         {"additional a._x._tcp.example.com. 60 SRV", "additional b._x._tcp.example.com. 60 SRV", "additional h0",
          "additional h1", "additional h2", "additional h3", "additional h4", "additional h5"}) {
      const auto is_of_set = [set](const std::string& line) { return line.rfind(set, 0) == 0; };
      const auto found = std::count_if(lines.begin(), lines.end(), is_of_set);
      REQUIRE((found == 0 || found == std::count_if(all.begin(), all.end(), is_of_set)));
    }
  }
  CHECK(most == all.size());
}

TEST_CASE("zone: 1,500 SRV are answered over TCP, and by TC over UDP", "[dns][zone][fault-W27]") {
  std::string text;
  for (int i = 0; i < 1500; ++i) {
    const std::string n = std::to_string(i);
    text += "_big._tcp SRV 0 " + n + " 8080 host" + n + "\nhost" + n + " A 10.0." + std::to_string(i / 250) + '.' +
            std::to_string(i % 250) + '\n';
  }
  const zone z = with_soa(text);
  CHECK(z.record_count() == 3001);

  const octets reply = ask(z, "_big._tcp.example.com", rr_type::srv);
  CHECK(reply.size() <= 65535);
  CHECK_FALSE(header_of(reply).truncated);
  CHECK(header_of(reply).answer_count == 1500);
  const strings lines = lines_of(reply);
  CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == lines.size());
  CHECK(lines.size() > 1500);  // some addresses fit

  const octets udp = ask(z, "_big._tcp.example.com", rr_type::srv, 1232);
  CHECK(header_of(udp).truncated);
  CHECK(lines_of(udp).empty());
  CHECK(udp.size() < 100);
}

TEST_CASE("zone: damaged queries get a well-formed reply or none", "[dns][zone][robustness]") {
  const zone z = parsed(unilans);
  const octets query = message_builder(1).rd().question("_v1._theservice._tcp.unilans.net", rr_type::srv).opt().bytes();
  std::mt19937 random(20140614);
  for (int round = 0; round < 20000; ++round) {
    octets damaged = query;
    for (unsigned hits = random() % 4 + 1; hits > 0; --hits)
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    damaged.resize(random() % 8 == 0 ? random() % damaged.size() : damaged.size());
    const octets reply = z.reply(damaged, udp_reply_limit(damaged));
    if (reply.empty()) continue;
    REQUIRE(reply.size() <= udp_reply_limit(damaged));
    REQUIRE(header_of(reply).is_response);
    (void)lines_by_reader(reply);
  }
}
