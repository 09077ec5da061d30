// Queries octet by octet, and which replies match them.
#include "sdconnect/dns/query.hpp"

#include "support/message_builder.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::test;

namespace {

octets octets_of(const query_message& q) { return {q.octets().begin(), q.octets().end()}; }

const question asked{*name::from_text("_X._tcp.example"), rr_type::srv};

message_builder reply(const wire_name& qname = "_x._TCP.example", code_point type = rr_type::srv,
                      code_point qclass = 1) {
  message_builder made(0x1234);
  made.response().rd().ra().question(qname, type, qclass);
  return made;
}

TEST_CASE("query_message: is a standard query for one name", "[dns][rfc1035][rfc2782][rfc-check-35]") {
  CHECK(octets_of(query_message({*name::from_text("_X._tcp"), rr_type::srv}, 0xBEEF, false)) ==
        octets{0xBE, 0xEF,                                 // ID
               0x01, 0x00,                                 // opcode QUERY, RD
               0,    1,    0,   0, 0,   0,   0,   0,       // one question
               2,    '_',  'X', 4, '_', 't', 'c', 'p', 0,  // QNAME, case kept
               0,    33,                                   // QTYPE SRV
               0,    1});                                  // QCLASS IN
}

TEST_CASE("query_message: offers 1232 octets with EDNS", "[dns][rfc6891][rfc-check-56]") {
  CHECK(octets_of(query_message({name(), rr_type::aaaa}, 1, true)) ==
        octets{0,    1,    0x01, 0x00,              // ID, RD
               0,    1,    0,    0,    0, 0, 0, 1,  // one question, one additional record
               0,    0,    28,   0,    1,           // root, AAAA IN
               0,                                   // owner of OPT: the root
               0,    41,                            // OPT
               0x04, 0xD0,                          // payload size 1232
               0,    0,    0,    0,                 // extended rcode, version 0, no flags
               0,    0});                           // no options
}

TEST_CASE("query_message: asks for the AD bit by setting it", "[dns][rfc6840]") {
  CHECK(octets_of(query_message({name(), rr_type::a}, 1, {.edns = false, .authenticated_data = true})) ==
        octets{0, 1, 0x01, 0x20,        // ID, RD, AD
               0, 1, 0, 0, 0, 0, 0, 0,  // one question
               0, 0, 1, 0, 1});         // root, A IN
}

TEST_CASE("query_message: the case of letters can be drawn, one bit each from the lowest on", "[dns]") {
  const auto qname = [](const char* text, std::uint64_t bits) {
    const query_message made({*name::from_text(text), rr_type::a}, 1, {.edns = false, .random_case = bits});
    return octets(made.octets().begin() + 12, made.octets().end() - 4);
  };
  CHECK(qname("aB.cD", 0b1001) == octets{2, 'A', 'b', 2, 'c', 'D', 0});
  CHECK(qname("aB.cD", 0) == octets{2, 'a', 'b', 2, 'c', 'd', 0});
  CHECK(qname("-1_x@[`{", 0b1) == octets{8, '-', '1', '_', 'X', '@', '[', '`', '{', 0});
  CHECK(qname("\\195\\161z\\225", ~std::uint64_t{0}) == octets{4, 195, 161, 'Z', 225, 0});

  const std::string long_label(63, 'a');
  const octets long_name = qname((long_label + "." + long_label).c_str(), 0b101);
  CHECK(octets(long_name.begin() + 1, long_name.begin() + 5) == octets{'A', 'a', 'A', 'a'});
  CHECK(octets(long_name.begin() + 65, long_name.begin() + 70) == octets{'a', 'A', 'a', 'A', 'a'});  // bit 63, 0, 1, ..
}

TEST_CASE("query_message: an empty one has no octets", "[dns]") { CHECK(query_message().octets().empty()); }

TEST_CASE("repeats_case: every letter as it was drawn", "[dns]") {
  const std::uint64_t bits = 0b1101;  // of X, t, c, p, e, ...
  const query_message sent(asked, 0x1234, {.edns = true, .random_case = bits});
  octets same = octets_of(sent);
  CHECK(repeats_case(same, asked, bits));
  CHECK(repeats_case(reply("_X._tCP.example").bytes(), asked, bits));
  CHECK_FALSE(repeats_case(reply("_x._tCP.example").bytes(), asked, bits));
  CHECK_FALSE(repeats_case(reply("_X._tCP.examplE").bytes(), asked, bits));
  CHECK_FALSE(repeats_case(reply("_X._tCP.example").bytes(), asked, bits ^ 1));
  CHECK_FALSE(repeats_case(reply("_X._tCP").bytes(), asked, bits));
  CHECK_FALSE(repeats_case(octets(12, 0), asked, bits));
  CHECK_FALSE(repeats_case({}, asked, bits));
  CHECK(match_reply(reply("_X._tCP.example").bytes(), asked, 0x1234) == reply_match::yes);
}

TEST_CASE("query_message: the longest name fits", "[dns]") {
  std::string text;
  for (int i = 0; i < 127; ++i) text += "a.";
  const query_message longest({*name::from_text(text), rr_type::ptr}, 1, true);
  CHECK(longest.octets().size() == 12 + 255 + 4 + 11);
  CHECK(longest.octets()[12 + 254] == 0);
  CHECK(longest.octets().back() == 0);
}

TEST_CASE("match_reply: takes the reply to the question", "[dns][rfc5452][rfc-check-54]") {
  CHECK(match_reply(reply().bytes(), asked, 0x1234) == reply_match::yes);
  const unsigned code = GENERATE(range(0U, 16U));
  CHECK(match_reply(reply().rcode(code).bytes(), asked, 0x1234) == reply_match::yes);
  CHECK(match_reply(reply().aa().ad().cd().tc().bytes(), asked, 0x1234) == reply_match::yes);
}

TEST_CASE("match_reply: an octet of any other message is not taken",
          "[dns][rfc5452][rfc-check-54][fault-W1][fault-W2][fault-W4][fault-W25]") {
  const auto [what, message] = GENERATE(table<std::string, octets>({
      {"nothing", {}},
      {"11 octets", octets(11, 0x80)},
      {"our own query", octets_of(query_message(asked, 0x1234, true))},
      {"QR clear", message_builder(0x1234).question("_x._tcp.example", rr_type::srv).bytes()},
      {"ID", message_builder(0x1235).response().question("_x._tcp.example", rr_type::srv).bytes()},
      {"ID in the other byte order",
       message_builder(0x3412).response().question("_x._tcp.example", rr_type::srv).bytes()},
      {"opcode NOTIFY", reply().opcode(4).bytes()},
      {"opcode UPDATE", reply().opcode(5).bytes()},
      {"name", reply("_y._tcp.example").bytes()},
      {"longer name", reply("a._x._tcp.example").bytes()},
      {"shorter name", reply("_tcp.example").bytes()},
      {"dots in a label", reply(wire_name::labels({"_x._tcp.example"})).bytes()},
      {"type", reply("_x._tcp.example", rr_type::a).bytes()},
      {"type ANY", reply("_x._tcp.example", 255).bytes()},
      {"class CH", reply("_x._tcp.example", rr_type::srv, 3).bytes()},
      {"class ANY", reply("_x._tcp.example", rr_type::srv, 255).bytes()},
      {"two questions, the first ours", reply().question("_x._tcp.example", rr_type::srv).bytes()},
      {"QDCOUNT 2, one question", reply().raw(octets(20, 0)).counts(2, 0, 0, 0).bytes()},
      {"no question, NOERROR", message_builder(0x1234).response().bytes()},
      {"no question, SERVFAIL", message_builder(0x1234).response().rcode(2).bytes()},
      {"no question, REFUSED", message_builder(0x1234).response().rcode(5).bytes()},
      {"no question, FORMERR, another ID", message_builder(0x1235).response().rcode(1).bytes()},
      {"no question, FORMERR, QR clear", message_builder(0x1234).rcode(1).bytes()},
      {"counts that cannot fit", reply().counts(1, 0xFFFF, 0, 0).bytes()},
      {"QNAME that points at itself",
       message_builder(0x1234).response().question(wire_name::pointer(12), rr_type::srv).bytes()},
  }));
  CAPTURE(what);
  CHECK(match_reply(message, asked, 0x1234) == reply_match::no);
}

TEST_CASE("match_reply: FORMERR and NOTIMP may come without the question", "[dns][rfc6891][rfc-check-56][fault-W4]") {
  CHECK(match_reply(message_builder(0x1234).response().rcode(1).bytes(), asked, 0x1234) == reply_match::no_question);
  CHECK(match_reply(message_builder(0x1234).response().rcode(4).bytes(), asked, 0x1234) == reply_match::no_question);
}

TEST_CASE("match_reply: a truncated reply counts although its records were cut off", "[dns][rfc2181][rfc-check-53]") {
  CHECK(match_reply(reply().tc().counts(1, 40, 0, 1).bytes(), asked, 0x1234) == reply_match::yes);
  CHECK(match_reply(reply("other").tc().counts(1, 40, 0, 1).bytes(), asked, 0x1234) == reply_match::no);
}

TEST_CASE("match_reply: records are not looked at, so their faults do not matter here", "[dns]") {
  CHECK(match_reply(reply().raw(octets(11, 0xFF)).counts(1, 1, 0, 0).bytes(), asked, 0x1234) == reply_match::yes);
}

}  // namespace
