// Header, sections and names of messages written octet by octet.
#include "sdconnect/dns/message_reader.hpp"

#include "support/message_builder.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;

namespace {

// What a reader finds on its way to the end.
struct walked {
  error_code open_error;
  error_code error;
  std::vector<std::string> owners;
};

walked walk(const octets& message) {
  const result<message_reader> opened = message_reader::open(message);
  if (!opened) return {opened.error(), {}, {}};
  message_reader reader = *opened;
  walked out;
  while (reader.next()) out.owners.push_back(reader.record().owner.to_text());
  out.error = reader.error();
  CHECK_FALSE(reader.next());  // further calls also return the end
  return out;
}

// A reply with one answer: `owner` as given, at offset 19, behind the question "a. A" at offset 12.
octets reply_with_owner(const octets& owner) {
  octets out{0, 1,   0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0,  // ID 1, QR; one question, one answer
             1, 'a', 0,    0, 1, 0, 1};                // a. A IN
  put(out, owner);
  put(out, {0, 1, 0, 1,   // A IN
            0, 0, 0, 60,  // TTL
            0, 4,         // RDLENGTH
            192, 0, 2, 1});
  return out;
}

TEST_CASE("message_reader: every field of header, question and record is read", "[dns][rfc1035]") {
  const octets message{
      0x12, 0x34,                                      // ID
      0x84, 0x03,                                      // QR, opcode 0, AA; rcode 3
      0,    1,    0,    1,  0,    1,    0,    1,       // one of each section
      1,    'q',  0,                                   // QNAME
      0,    33,   0,    1,                             // SRV IN
      0xC0, 12,                                        // owner: pointer to QNAME
      0,    33,   0,    1,                             // SRV IN
      0x80, 0,    0,    1,                             // TTL with the top bit set
      0,    9,                                         // RDLENGTH
      0,    10,   0,    20, 0x1F, 0x90, 1,    't', 0,  // priority 10, weight 20, port 8080, target t.
      0,                                               // owner: the root
      0,    6,    0,    3,                             // SOA CH
      0,    0,    0,    0,  0,    0,                   // TTL 0, RDLENGTH 0
      1,    'B',  0xC0, 12,                            // owner: B.q.
      0xFF, 0x00, 0,    1,                             // TYPE65280 IN
      0,    1,    0,    0,  0,    1,    0xEE,          // TTL 65536, RDLENGTH 1, one octet
  };
  result<message_reader> opened = message_reader::open(message);
  REQUIRE(opened);
  message_reader& reader = *opened;
  const message_header& h = reader.header();
  CHECK(h.id == 0x1234);
  CHECK(h.is_response);
  CHECK(h.authoritative);
  CHECK_FALSE(h.truncated);
  CHECK(h.rcode == 3);
  CHECK(h.question_count == 1);
  CHECK(h.additional_count == 1);

  const auto q = reader.read_question();
  REQUIRE(q);
  CHECK(q->asked.qname.to_text() == "q.");
  CHECK(q->asked.type == rr_type::srv);
  CHECK(q->qclass == 1);
  CHECK(reader.read_question().error() == errc::malformed_message);  // there is only one

  REQUIRE(reader.next());
  CHECK(reader.record().section == message_section::answer);
  CHECK(reader.record().owner.to_text() == "q.");
  CHECK(reader.record().type == rr_type::srv);
  CHECK(reader.record().ttl == 0x8000'0001);
  CHECK(reader.as_srv().value() == srv_record{10, 20, 8080, *name::from_text("t")});

  REQUIRE(reader.next());
  CHECK(reader.record().section == message_section::authority);
  CHECK(reader.record().owner.is_root());
  CHECK(reader.record().rclass == static_cast<rr_class>(3));
  CHECK(reader.record().rdata.empty());

  REQUIRE(reader.next());
  CHECK(reader.record().section == message_section::additional);
  CHECK(reader.record().owner.to_text() == "B.q.");
  CHECK(reader.record().type == static_cast<rr_type>(65280));
  CHECK(reader.record().ttl == 65536);
  CHECK(octets(reader.record().rdata.begin(), reader.record().rdata.end()) == octets{0xEE});

  CHECK_FALSE(reader.next());
  CHECK_FALSE(reader.error());
}

TEST_CASE("message_reader: each flag is read from its bit alone", "[dns][rfc1035][rfc4035][fault-W25]") {
  const auto flags_of = [](std::uint8_t high, std::uint8_t low) {
    return message_reader::open(octets{0, 0, high, low, 0, 0, 0, 0, 0, 0, 0, 0})->header();
  };
  const message_header none = flags_of(0, 0);
  CHECK_FALSE(none.is_response);
  CHECK(flags_of(0x80, 0).is_response);
  CHECK_FALSE(flags_of(0x7F, 0xFF).is_response);
  CHECK(flags_of(0x28, 0).opcode == 5);
  CHECK(flags_of(0x87, 0xFF).opcode == 0);
  CHECK(flags_of(0x04, 0).authoritative);
  CHECK(flags_of(0x02, 0).truncated);
  CHECK(flags_of(0x01, 0).recursion_desired);
  CHECK(flags_of(0, 0x80).recursion_available);
  CHECK(flags_of(0, 0x20).authenticated);
  CHECK_FALSE(flags_of(0xFF, 0xDF).authenticated);  // neither Z (0x40) nor CD (0x10) is AD
  CHECK(flags_of(0, 0x0F).rcode == 15);
  CHECK(flags_of(0, 0xF0).rcode == 0);
}

TEST_CASE("message_reader: what is shorter than a header is refused", "[dns][fault-W1][fault-W30]") {
  const std::size_t size = GENERATE(range(0U, 12U));
  CAPTURE(size);
  CHECK(message_reader::open(octets(size, 0)).error() == errc::malformed_message);
  CHECK(message_reader::open(octets(12, 0)));
}

TEST_CASE("message_reader: counts that cannot fit are refused before the walk", "[dns][rfc-check-58][fault-W3]") {
  const auto [what, counts, body, fits] = GENERATE(table<std::string, octets, std::size_t, bool>({
      {"65535 answers in nothing", {0, 0, 0xFF, 0xFF, 0, 0, 0, 0}, 0, false},
      {"all counts 65535", octets(8, 0xFF), 0, false},
      {"one record in 10 octets", {0, 0, 0, 1, 0, 0, 0, 0}, 10, false},
      {"one record in 11 octets", {0, 0, 0, 0, 0, 0, 0, 1}, 11, true},
      {"one question in 4 octets", {0, 1, 0, 0, 0, 0, 0, 0}, 4, false},
      {"one question in 5 octets", {0, 1, 0, 0, 0, 0, 0, 0}, 5, true},
      {"the sum of sections counts", {0, 1, 0, 1, 0, 1, 0, 1}, 37, false},
      {"5957 records of 11 octets", {0, 0, 0x17, 0x45, 0, 0, 0, 0}, 5956 * 11, false},
  }));
  CAPTURE(what);
  octets message{0, 0, 0x80, 0};
  put(message, counts);
  message.resize(12 + body);
  CHECK(message_reader::open(message).has_value() == fits);
}

TEST_CASE("message_reader: more than 65535 octets are no message", "[dns]") {
  CHECK(message_reader::open(octets(65535, 0)));
  CHECK_FALSE(message_reader::open(octets(65536, 0)));
}

TEST_CASE("message_reader: owners are read with and without compression", "[dns][rfc1035]") {
  const auto [owner, text] = GENERATE(table<octets, std::string>({
      {{0}, "."},
      {{1, 'b', 0}, "b."},
      {{0xC0, 12}, "a."},
      {{1, 'b', 0xC0, 12}, "b.a."},
      {{0xC0, 14}, "."},  // to the root label of the question's name
  }));
  const walked w = walk(reply_with_owner(owner));
  CHECK_FALSE(w.error);
  CHECK(w.owners == std::vector<std::string>{text});
}

TEST_CASE("message_reader: bad names end the walk",
          "[dns][rfc1035][rfc-check-58][fault-W5][fault-W6][fault-W7][fault-W8][fault-W10][fault-W12]") {
  const auto [what, owner] = GENERATE(table<std::string, octets>({
      {"pointer to itself", {0xC0, 19}},
      {"label and pointer to that label", {1, 'b', 0xC0, 19}},
      {"pointer to the pointer's second octet", {0xC0, 20}},
      {"forward pointer", {0xC0, 24, 0, 1, 'b', 0}},
      {"forward pointer behind a label", {1, 'b', 0xC0, 23}},
      {"pointer behind the end", {0xFF, 0xFF}},
      {"pointer to the header", {0xC0, 0}},
      {"pointer to the header's last octet, a root label", {0xC0, 11}},
      {"label type 0x40", {0x40, 0}},
      {"label type 0x41, once used for bit strings", {0x41, 1, 0, 0}},
      {"label type 0x80", {0x80, 0}},
      {"pointer to the question's type, a label that runs into this name", {0xC0, 16}},
  }));
  CAPTURE(what);
  const walked w = walk(reply_with_owner(owner));
  CHECK_FALSE(w.open_error);
  CHECK(w.error == errc::malformed_message);
  CHECK(w.owners.empty());
}

TEST_CASE("message_reader: an owner that is known from before is a pointer to just where it stands",
          "[dns][rfc1035][fault-W8]") {
  const auto owners_of = [](const octets& message, bool read_question_first) {
    result<message_reader> reader = message_reader::open(message);
    REQUIRE(reader);
    if (read_question_first) REQUIRE(reader->read_question());
    std::vector<std::string> owners;
    while (reader->next()) {
      owners.push_back(reader->record().owner.to_text() + (reader->record().repeats_owner ? " again" : ""));
    }
    if (reader->error()) owners.emplace_back("malformed");
    return owners;
  };
  using strings = std::vector<std::string>;
  const auto reply = [] { return message_builder(1).response().question("q", rr_type::a); };

  message_builder message = reply();  // the question at 12, the first record at 19, the second at 31, the third at 43
  message.answer(wire_name::pointer(12), rr_type::a, 0, {});
  message.answer(wire_name::pointer(12), rr_type::a, 0, {});
  message.answer(wire_name::pointer(12, {"b"}), rr_type::a, 0, {});
  message.answer(wire_name::pointer(43), rr_type::a, 0, {});
  message.answer(wire_name::pointer(12), rr_type::a, 0, {});
  message.answer(wire_name::pointer(14), rr_type::a, 0, {});
  CHECK(owners_of(message.bytes(), false) == strings{"q. again", "q. again", "b.q.", "b.q. again", "q.", "."});
  CHECK(owners_of(message.bytes(), true) == strings{"q.", "q. again", "b.q.", "b.q. again", "q.", "."});

  // Before the first record the reader remembers no name, so a pointer into the header cannot
  // repeat one.
  const octets into_header = reply().answer(wire_name::pointer(0), rr_type::a, 0, {}).bytes();
  CHECK(owners_of(into_header, true) == strings{"malformed"});
  CHECK(owners_of(into_header, false) == strings{"malformed"});

  // The reader remembers no name at an offset that pointers cannot reach.
  message_builder far = reply();
  far.answer("", 65280, 0, octets(0x4000, 0))
      .answer("c", rr_type::a, 0, {})
      .answer(wire_name::pointer(0), rr_type::a, 0, {});
  CHECK(owners_of(far.bytes(), false) == strings{".", "c.", "malformed"});
}

TEST_CASE("message_reader: two names that point at each other end the walk", "[dns][rfc-check-58][fault-W6]") {
  const octets message{
      0,    1,  0x80, 0, 0, 0, 0, 2, 0, 0, 0, 0,  // two answers
      0xC0, 23,                                   // at 12: to the second answer's owner
      0,    1,  0,    1, 0, 0, 0, 0, 0, 0,        // fixed part without data, at 14
      0xC0, 12,                                   // at 24
      0,    1,  0,    1, 0, 0, 0, 0, 0, 0,
  };
  CHECK(walk(message).error == errc::malformed_message);
  // A loop of backward pointers needs a forward one: a pointer from skipped RDATA back to RDATA is
  // not a loop.
  octets second_only = message;
  second_only[13] = 24;
  CHECK(walk(second_only).error == errc::malformed_message);
}

TEST_CASE("message_reader: a name cut off by the end of the message ends the walk", "[dns][fault-W12]") {
  const octets whole = reply_with_owner({3, 'b', 'c', 'd', 0xC0, 12});
  for (std::size_t size = 12; size < whole.size(); ++size) {
    CAPTURE(size);
    const walked w = walk(octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    CHECK((w.open_error == errc::malformed_message || w.error == errc::malformed_message));
    CHECK(w.owners.empty());
  }
  CHECK(walk(whole).owners == std::vector<std::string>{"bcd.a."});
}

TEST_CASE("message_reader: 255 octets and 127 labels are the most for a name",
          "[dns][rfc1035][rfc-check-4][fault-W11]") {
  octets most;
  for (int i = 0; i < 127; ++i) put(most, {1, 'x'});
  octets more = most;
  put(most, {0});
  put(more, {1, 'x', 0});
  CHECK(walk(reply_with_owner(most)).owners.size() == 1);
  CHECK(walk(reply_with_owner(more)).error == errc::malformed_message);

  // 252 octets in place and the question's "a." make 255.
  octets compressed{63};
  compressed.resize(64, 'x');
  put(compressed, octets(compressed));
  put(compressed, octets(compressed.begin(), compressed.begin() + 64));
  octets fits = compressed;
  put_u8(fits, 59);
  fits.resize(fits.size() + 59, 'x');
  put(fits, {0xC0, 12});
  CHECK(walk(reply_with_owner(fits)).owners.size() == 1);
  octets too_long = compressed;
  put_u8(too_long, 60);
  too_long.resize(too_long.size() + 60, 'x');
  put(too_long, {0xC0, 12});
  CHECK(walk(reply_with_owner(too_long)).error == errc::malformed_message);
}

TEST_CASE("message_reader: 127 pointers are the most for a name", "[dns][rfc-check-58][fault-W9]") {
  // The data of a first record contain a root label and pointers, each to the previous one; the
  // second record's owner is one more.
  const auto chain_of = [](std::size_t pointers) {
    octets data{0};
    for (std::size_t i = 1; i < pointers; ++i) put_u16(data, 0xC000 | (i == 1 ? 23 : 24 + 2 * (i - 2)));
    const std::size_t last = pointers == 1 ? 23 : 24 + 2 * (pointers - 2);
    return message_builder(1)
        .response()
        .answer("", 65280, 0, data)
        .answer(wire_name::pointer(last), rr_type::a, 0, {})
        .bytes();
  };
  CHECK(walk(chain_of(1)).owners.size() == 2);
  CHECK(walk(chain_of(127)).owners.size() == 2);
  CHECK(walk(chain_of(128)).error == errc::malformed_message);
}

TEST_CASE("message_reader: RDLENGTH beyond the end ends the walk", "[dns][fault-W13]") {
  octets message = reply_with_owner({0xC0, 12});
  CHECK(walk(message).owners.size() == 1);
  message[message.size() - 5] = 5;  // RDLENGTH
  CHECK(walk(message).error == errc::malformed_message);
  message[message.size() - 6] = 0xFF;
  CHECK(walk(message).error == errc::malformed_message);
}

TEST_CASE("message_reader: octets behind the last record are ignored", "[dns][fault-W19]") {
  octets message = reply_with_owner({0xC0, 12});
  message.resize(message.size() + 40'000, 0xFF);
  const walked w = walk(message);
  CHECK_FALSE(w.error);
  CHECK(w.owners.size() == 1);
}

TEST_CASE("message_reader: questions nobody read are skipped, malformed ones end the walk", "[dns]") {
  const octets two = message_builder(1)
                         .question("a", rr_type::a)
                         .question("b", rr_type::a)
                         .answer("c", rr_type::a, 0, rdata_a("192.0.2.1"))
                         .bytes();
  CHECK(walk(two).owners == std::vector<std::string>{"c."});
  const octets bad{0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1};  // QNAME points at itself
  CHECK(walk(bad).error == errc::malformed_message);
}

}  // namespace
