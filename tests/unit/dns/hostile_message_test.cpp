// The worst messages known: the reader must read each to its end or refuse it, with heap use within
// a small multiple of the message's size. The message bounds every loop, so the only statement
// about time is that the test ends.
#include "sdconnect/dns/answer.hpp"
#include "sdconnect/dns/message_reader.hpp"
#include "support/endpoint_joiner.hpp"
#include "support/heap_meter.hpp"
#include "support/hostile_messages.hpp"
#include "support/message_builder.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;

namespace {

constexpr std::size_t largest = 65535;
const question asked{*name::from_text("q"), rr_type::srv};
const wire_name to_question = wire_name::pointer(12);

message_builder reply(rr_type type = rr_type::srv) {
  message_builder made(1);
  made.response().question("q", type);
  return made;
}

// Repeats `add` until the message is full; one call adds at most `size` octets.
template <class Add>
message_builder& fill(message_builder& message, std::size_t size, Add add) {
  for (int i = 0; message.offset() + size <= largest; ++i) add(message, i);
  return message;
}

struct cost {
  result<answer> read;
  std::size_t heap = 0;
};

cost read(const octets& message, const question& about = asked) {
  const heap_meter meter;
  result<answer> a = read_answer(message, about);
  return {std::move(a), meter.peak()};
}

constexpr std::size_t mebibyte = std::size_t{1} << 20;

std::size_t walk(const octets& message) {
  const heap_meter meter;
  result<message_reader> reader = message_reader::open(message);
  std::size_t records = 0;
  while (reader && reader->next()) {
    (void)reader->as_name();
    (void)reader->as_srv();
    (void)reader->as_soa();
    ++records;
  }
  CHECK(meter.allocations() == 0);
  return records;
}

TEST_CASE("hostile: no message takes more than 4 MiB of heap to be read and joined",
          "[dns][rfc-check-58][fault-T1][fault-T3][fault-T14][fault-W3][fault-W9][fault-W14][fault-W27][fault-W28]"
          "[fault-N14]") {
  for (const hostile_message& hostile : hostile_messages()) {
    CAPTURE(hostile.what);
    CHECK(hostile.bytes.size() <= largest_message);
    const heap_meter meter;
    {
      answer_reader reader;
      endpoint_joiner joiner;
      answer a;
      if (!reader.read(hostile.bytes, hostile.asked, a)) (void)joiner.join(a);
    }
    CHECK(meter.peak() <= 4 * mebibyte);
  }
}

TEST_CASE("hostile: a reader that keeps its storage keeps no more than for one message", "[dns][fault-W27]") {
  const std::vector<hostile_message> all = hostile_messages();
  const heap_meter meter;
  answer_reader reader;
  endpoint_joiner joiner;
  answer a;
  for (int round = 0; round < 3; ++round) {
    for (const hostile_message& hostile : all) {
      if (!reader.read(hostile.bytes, hostile.asked, a)) (void)joiner.join(a);
    }
  }
  CHECK(meter.peak() <= 8 * mebibyte);
}

TEST_CASE("hostile: a message full of aliases is read once, and most of them dropped",
          "[dns][rfc-check-58][fault-N14]") {
  const cost reversed = read(aliases_in_reverse_order());
  REQUIRE(reversed.read);
  CHECK(reversed.read->alias_count == 0);  // the chain begins behind the aliases that the reader examines
  CHECK(reversed.read->dropped_records > 2500);
  const cost dnames = read(dnames_above_a_long_name(), {*name::from_wire(longest_name()), rr_type::srv});
  REQUIRE(dnames.read);
  CHECK(dnames.read->alias_count == 1);
  CHECK(dnames.read->dropped_records > 4000);
}

TEST_CASE("hostile: 65,535 answers promised, none there", "[dns][fault-W3]") {
  const cost c = read(reply().counts(1, 65535, 65535, 65535).bytes());
  CHECK(c.read.error() == errc::malformed_message);
  CHECK(c.heap == 0);
}

TEST_CASE("message_reader: a truncated message opens whatever its counts say", "[dns][rfc2181][rfc-check-53]") {
  const octets cut_off{
      0,    1,   0x82, 0,                           // ID 1, QR, TC
      0,    1,   0,    40, 0,  0, 0, 0,             // one question, header claims 40 answers
      1,    'a', 0,    0,  33, 0, 1,                // a. SRV IN
      0xC0, 12,  0,    33, 0,  1, 0, 0, 0, 1, 0, 9  // the first answer, cut off behind RDLENGTH
  };
  result<message_reader> reader = message_reader::open(cut_off);
  REQUIRE(reader);
  CHECK(reader->header().truncated);
  CHECK(reader->read_question().has_value());
  CHECK_FALSE(reader->next());
  CHECK(reader->error() == errc::malformed_message);
}

TEST_CASE("hostile: 65,000 empty strings in one TXT", "[dns][fault-T1]") {
  const octets message = reply(rr_type::txt).answer(to_question, rr_type::txt, 60, octets(65'000, 0)).bytes();
  const cost c = read(message, {asked.qname, rr_type::txt});
  REQUIRE(c.read);
  CHECK(std::get<1 + 1>(c.read->records).at(0).entries().empty());
  CHECK(c.heap <= mebibyte / 4);
}

TEST_CASE("hostile: 5,956 empty records", "[dns][fault-W28]") {
  message_builder message = message_builder(1).response();
  fill(message, 11, [](message_builder& m, int) { m.answer("", 65280, 0, {}); });
  CHECK(walk(message.bytes()) == 5956);
  CHECK(read(message.bytes()).heap <= mebibyte / 4);
}

TEST_CASE("hostile: 3,275 SRV records are all used", "[dns][rfc-check-44][fault-W27]") {
  message_builder message = reply();
  int count = 0;
  fill(message, 20, [&count](message_builder& m, int i) {
    m.answer(to_question, rr_type::srv, 60, rdata_srv(0, 0, static_cast<unsigned>(i), wire_name::pointer(12)));
    ++count;
  });
  const cost c = read(message.bytes());
  REQUIRE(c.read);
  CHECK(count == 3275);
  CHECK(std::get<std::vector<srv_record>>(c.read->records).size() == static_cast<std::size_t>(count));
  CHECK(c.heap <= 4 * mebibyte);
}

TEST_CASE("hostile: a chain of 8,174 pointers that every record uses", "[dns][rfc-check-58][fault-W9]") {
  octets chain{0};
  for (std::size_t i = 1; i < 8174; ++i) put_u16(chain, 0xC000 | (i == 1 ? 23 : 24 + 2 * (i - 2)));
  message_builder message = message_builder(1).response();
  message.answer("", 65280, 0, chain);
  fill(message, 12, [](message_builder& m, int) { m.answer(wire_name::pointer(16'368), rr_type::a, 0, {}); });
  CHECK(walk(message.bytes()) == 1);  // the second record's owner already has too many pointers
  CHECK(read(message.bytes()).read.error() == errc::malformed_message);
}

TEST_CASE("hostile: every name takes all 127 pointers, in records and data", "[dns][rfc-check-58][fault-W9]") {
  octets chain{0};
  for (std::size_t i = 1; i < 127; ++i) put_u16(chain, 0xC000 | (i == 1 ? 23 : 24 + 2 * (i - 2)));
  const wire_name deepest = wire_name::pointer(24 + 2 * 125);
  message_builder message = message_builder(1).response();
  message.answer("", 65280, 0, chain);
  fill(message, 14,
       [&](message_builder& m, int) { m.answer(deepest, rr_type::ptr, 0, wire_name::pointer(24 + 2 * 125).bytes); });
  CHECK(walk(message.bytes()) > 4000);
  const cost c = read(message.bytes(), {name(), rr_type::ptr});
  REQUIRE(c.read);
  CHECK(std::get<std::vector<name>>(c.read->records).size() > 4000);
  CHECK(c.heap <= 4 * mebibyte);
}

TEST_CASE("hostile: aliases in reverse order between thousands of other records", "[dns][rfc-check-58]") {
  message_builder message = reply();
  fill(message, 300, [](message_builder& m, int) { m.answer(to_question, rr_type::ns, 0, {0}); });
  for (int i = 8; i > 0; --i) {
    const auto label = [](int n) { return n == 0 ? std::string("q") : 'n' + std::to_string(n); };
    message.answer(label(i - 1), rr_type::cname, 60, rdata_name(label(i)));
  }
  const cost c = read(message.bytes());
  REQUIRE(c.read);
  CHECK(c.read->alias_count == 8);
  CHECK(c.heap <= mebibyte / 4);
}

TEST_CASE("hostile: thousands of additional owners, one record each", "[dns][fault-T14]") {
  const auto [what, type, rdata] = GENERATE(table<std::string, rr_type, octets>({
      {"names", rr_type::ptr, {0xC0, 12}},
      {"empty TXT", rr_type::txt, {}},
      {"malformed addresses", rr_type::a, {}},
  }));
  CAPTURE(what);
  message_builder message = reply();
  fill(message, 19, [&type = type, &rdata = rdata](message_builder& m, int i) {
    const std::string label{static_cast<char>(i & 0xff), static_cast<char>(i >> 8)};
    m.additional(wire_name::pointer(12, {label}), type, 60, rdata);
  });
  const cost c = read(message.bytes());
  REQUIRE(c.read);
  CHECK(c.read->additional.size() + c.read->dropped_records > 3400);
  CHECK(c.heap <= 6 * mebibyte);
}

// FNV-1a with its public start value, over the wire form: a peer could prepare collisions for it.
std::uint64_t public_hash(const octets& wire) {
  std::uint64_t h = 14695981039346656037u;
  for (const std::uint8_t octet : wire) h = (h ^ octet) * 1099511628211u;
  return h;
}

TEST_CASE("hostile: names prepared to share a bucket do not", "[dns]") {
  constexpr std::uint64_t buckets = 5087;  // of libstdc++, for 3,000 elements
  std::set<std::size_t> used;
  std::size_t prepared = 0;
  octets wire{5, 0, 0, 0, 0, 0, 0};
  for (unsigned i = 0; i <= 0xfffff; ++i) {
    for (unsigned digit = 0; digit < 5; ++digit)
      wire[1 + digit] = static_cast<std::uint8_t>('a' + (i >> 4 * digit & 0xf));
    if (public_hash(wire) % buckets != 7) continue;
    used.insert(name::from_wire(wire)->hash() % buckets);
    ++prepared;
  }
  // Of 200 values among 5087 about 4 collide, sigma 2.
  CHECK(prepared > 150);
  CHECK(10 * used.size() > 9 * prepared);
}

TEST_CASE("hostile: 16,000 keys in one TXT", "[dns][fault-T1]") {
  octets rdata;
  for (int i = 0; i < 16'000; ++i)
    put(rdata, {3, static_cast<std::uint8_t>('!' + i % 28), static_cast<std::uint8_t>('!' + i / 28 % 28),
                static_cast<std::uint8_t>('!' + i / 784)});
  const txt_record txt = txt_record::from_rdata(rdata).value();
  const heap_meter meter;
  CHECK(txt.entries().size() > 10'000);
  CHECK(meter.peak() <= 4 * mebibyte);
}

TEST_CASE("hostile: 40,000 octets behind the last record", "[dns][fault-W19]") {
  const cost c =
      read(reply().answer(to_question, rr_type::srv, 60, rdata_srv(0, 0, 1, "h")).raw(octets(40'000, 0xC0)).bytes());
  REQUIRE(c.read);
  CHECK(c.heap <= mebibyte / 4);
}

TEST_CASE("hostile: a million repeats leave nothing behind", "[dns][fault-W23]") {
  message_builder message = reply();
  for (int i = 0; i < 3; ++i) message.additional("key", 250, 0, octets(30, 0xFF), 255);  // three TSIG
  const octets bytes = message.answer(to_question, rr_type::srv, 60, {0}).bytes();
  const heap_meter meter;
  std::size_t records = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    result<message_reader> reader = message_reader::open(bytes);
    while (reader->next()) ++records;
  }
  CHECK(records == 4'000'000);
  CHECK(meter.allocations() == 0);
  CHECK(read(bytes).read->status == errc::empty_answer);
}

}  // namespace
