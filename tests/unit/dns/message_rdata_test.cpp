// The record data of each type that the reader decodes, and data that do not fit their type.
#include "sdconnect/dns/message_reader.hpp"
#include "support/message_builder.hpp"

#include <catch2/catch.hpp>
#include <ldns/ldns.h>

#include <memory>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;

namespace {

// A response that begins with "q. TYPE" as its question at offset 12, followed by this record and a
// sentinel "z. A 192.0.2.9".
octets with_record(code_point type, const octets& rdata) {
  return message_builder(1)
      .response()
      .question("q", type)
      .answer(wire_name::pointer(12), type, 60, rdata)
      .answer("z", rr_type::a, 60, rdata_a("192.0.2.9"))
      .bytes();
}

// Calls `use` with the reader at the first record; afterwards the reader must still find the
// sentinel.
template <class Use>
void read_first(const octets& message, Use use) {
  result<message_reader> reader = message_reader::open(message);
  REQUIRE(reader);
  REQUIRE(reader->next());
  use(*reader);
  REQUIRE(reader->next());
  CHECK(reader->record().owner.to_text() == "z.");
  CHECK(reader->as_address()->to_text() == "192.0.2.9");
  CHECK_FALSE(reader->next());
  CHECK_FALSE(reader->error());
}

TEST_CASE("message_reader: addresses", "[dns][rfc1035]") {
  read_first(with_record(rr_type::a, {192, 0, 2, 1}),
             [](const message_reader& r) { CHECK(r.as_address()->to_text() == "192.0.2.1"); });
  const octets v6{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  read_first(with_record(rr_type::aaaa, v6),
             [](const message_reader& r) { CHECK(r.as_address()->to_text() == "2001:db8::1"); });
}

TEST_CASE("message_reader: an address of another length is refused and the walk stays aligned",
          "[dns][rfc-check-58][fault-W14]") {
  const auto [type, size] = GENERATE(table<rr_type, std::size_t>({
      {rr_type::a, 0},
      {rr_type::a, 3},
      {rr_type::a, 5},
      {rr_type::a, 16},
      {rr_type::a, 20},
      {rr_type::aaaa, 0},
      {rr_type::aaaa, 4},
      {rr_type::aaaa, 15},
      {rr_type::aaaa, 17},
      {rr_type::aaaa, 300},
  }));
  CAPTURE(to_string(type), size);
  read_first(with_record(type, octets(size, 1)),
             [](const message_reader& r) { CHECK(r.as_address().error() == errc::malformed_rdata); });
}

TEST_CASE("message_reader: a record hidden in the data of another is not seen", "[dns][fault-W14]") {
  octets data{192, 0, 2, 1};                                       // what a careless reader accepts
  put(data, {0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 66});  // ". A 203.0.113.66", forged
  read_first(with_record(rr_type::a, data),
             [](const message_reader& r) { CHECK(r.as_address().error() == errc::malformed_rdata); });
}

TEST_CASE("message_reader: as_address refuses records of another type", "[dns]") {
  read_first(with_record(rr_type::txt, {3, 1, 2, 3}),
             [](const message_reader& r) { CHECK(r.as_address().error() == errc::malformed_rdata); });
}

TEST_CASE("message_reader: SRV fields, plain and compressed target", "[dns][rfc2782][rfc-check-51][fault-W17]") {
  const auto [what, target, text] = GENERATE(table<std::string, octets, std::string>({
      {"plain", {1, 'h', 1, 'q', 0}, "h.q."},
      {"compressed", {1, 'h', 0xC0, 12}, "h.q."},
      {"only a pointer", {0xC0, 12}, "q."},
      {"the root: no such service", {0}, "."},
      {"upper case", {1, 'H', 0}, "H."},
  }));
  CAPTURE(what);
  octets rdata{0xFF, 0xFE, 0x01, 0x02, 0x1F, 0x90};  // priority, weight, port
  put(rdata, target);
  read_first(with_record(rr_type::srv, rdata), [&, &expected = text](const message_reader& r) {
    const result<srv_record> srv = r.as_srv();
    REQUIRE(srv);
    CHECK(srv->priority == 0xFFFE);
    CHECK(srv->weight == 0x0102);
    CHECK(srv->port == 8080);
    CHECK(srv->target.to_text() == expected);
  });
}

TEST_CASE("message_reader: SRV data that do not fit are refused", "[dns][fault-W15][fault-W16]") {
  const auto [what, rdata] = GENERATE(table<std::string, octets>({
      {"0 octets", {}},
      {"1 octet", {0}},
      {"2 octets", {0, 0}},
      {"3 octets", {0, 0, 0}},
      {"4 octets", {0, 0, 0, 0}},
      {"5 octets", {0, 0, 0, 0, 0}},
      {"6 octets, no target", {0, 0, 0, 0, 0, 80}},
      {"target without root", {0, 0, 0, 0, 0, 80, 1, 'h'}},
      {"target's label beyond the data", {0, 0, 0, 0, 0, 80, 9, 'h'}},
      {"target that would be whole with the octets behind", {0, 0, 0, 0, 0, 80, 1}},
      {"half a pointer", {0, 0, 0, 0, 0, 80, 0xC0}},
      {"octets behind the target", {0, 0, 0, 0, 0, 80, 1, 'h', 0, 0}},
      {"octets behind a pointer", {0, 0, 0, 0, 0, 80, 0xC0, 12, 0}},
      {"forward pointer", {0, 0, 0, 0, 0, 80, 0xC0, 60}},
      {"pointer to itself", {0, 0, 0, 0, 0, 80, 0xC0, 37}},
  }));
  CAPTURE(what);
  read_first(with_record(rr_type::srv, rdata),
             [](const message_reader& r) { CHECK(r.as_srv().error() == errc::malformed_rdata); });
}

TEST_CASE("message_reader: names as data", "[dns][rfc1035]") {
  const auto [rdata, text] = GENERATE(table<octets, std::string>({
      {{1, 't', 0}, "t."},
      {{1, 't', 0xC0, 12}, "t.q."},
      {{0xC0, 12}, "q."},
      {{0}, "."},
      {{4, 'a', '.', 'b', '\\', 0}, "a\\.b\\\\."},
  }));
  const rr_type type = GENERATE(rr_type::ptr, rr_type::cname, rr_type::dname, rr_type::ns);
  read_first(with_record(type, rdata),
             [&expected = text](const message_reader& r) { CHECK(r.as_name()->to_text() == expected); });
}

TEST_CASE("message_reader: a name that does not fill its data is refused", "[dns][fault-W16]") {
  const auto [what, rdata] = GENERATE(table<std::string, octets>({
      {"nothing", {}},
      {"no root", {1, 't'}},
      {"too short", {2, 't'}},
      {"octets behind", {1, 't', 0, 0}},
      {"two names", {0, 0}},
      {"half a pointer", {0xC0}},
      {"label type 0x40", {0x40, 0}},
      {"pointer into the header", {0xC0, 4}},
      {"pointer to itself", {0xC0, 31}},
  }));
  CAPTURE(what);
  read_first(with_record(rr_type::ptr, rdata),
             [](const message_reader& r) { CHECK(r.as_name().error() == errc::malformed_rdata); });
}

TEST_CASE("message_reader: a name in data may continue in the data of an earlier record only", "[dns][rfc-check-58]") {
  // The first record's data are "xx"; the second, a PTR at 12 + 11 + 2 + 11, points to them, where
  // the name has no terminator.
  const octets message =
      message_builder(1).response().answer("", 65280, 0, {1, 'x'}).answer("", rr_type::ptr, 0, {0xC0, 23}).bytes();
  result<message_reader> reader = message_reader::open(message);
  REQUIRE(reader);
  REQUIRE(reader->next());
  REQUIRE(reader->next());
  // 1 'x' at 23, then the second owner, a root label, at 25.
  CHECK(reader->as_name()->to_text() == "x.");
}

TEST_CASE("message_reader: SOA serial and minimum", "[dns][rfc2308][rfc-check-61]") {
  octets rdata{1,    'm',  0xC0, 12,    // MNAME m.q.
               1,    'r',  0,           // RNAME
               0x01, 0x02, 0x03, 0x04,  // SERIAL
               0,    0,    0,    1,     // REFRESH
               0,    0,    0,    2,     // RETRY
               0,    0,    0,    3,     // EXPIRE
               0x80, 0,    0,    4};    // MINIMUM
  read_first(with_record(rr_type::soa, rdata), [](const message_reader& r) {
    REQUIRE(r.as_soa());
    CHECK(r.as_soa()->serial == 0x01020304);
    CHECK(r.as_soa()->minimum == 0x80000004);
  });
  const auto refuses = [](const octets& data) {
    read_first(with_record(rr_type::soa, data),
               [](const message_reader& r) { CHECK(r.as_soa().error() == errc::malformed_rdata); });
  };
  rdata.push_back(0);
  refuses(rdata);
  rdata.resize(rdata.size() - 2);
  refuses(rdata);
  refuses({});
  refuses({0});
  refuses({0, 0});
}

TEST_CASE("message_reader: TXT strings must end with the data", "[dns][fault-T2][fault-T3]") {
  read_first(with_record(rr_type::txt, {3, 'a', '=', 'b', 0}),
             [](const message_reader& r) { CHECK(r.as_txt()->rdata().size() == 5); });
  read_first(with_record(rr_type::txt, {}), [](const message_reader& r) { CHECK(r.as_txt()->entries().empty()); });
  read_first(with_record(rr_type::txt, {2, 'a'}),
             [](const message_reader& r) { CHECK(r.as_txt().error() == errc::malformed_rdata); });
  read_first(with_record(rr_type::txt, {255}),
             [](const message_reader& r) { CHECK(r.as_txt().error() == errc::malformed_rdata); });
}

TEST_CASE("message_reader: types it does not know are skipped by their length",
          "[dns][rfc3597][fault-W18][fault-W22][fault-W23]") {
  const auto [what, type, rdata] = GENERATE(table<std::string, int, octets>({
      {"HIP with lengths beyond its data", 55, {255, 2, 0xFF, 0xFF, 0xC0, 12, 0xC0, 12}},
      {"APL, cut short", 42, {0, 1, 24, 0x7F}},
      {"SVCB with keys out of order", 64, {0, 1, 0, 0, 3, 0, 9, 1, 0, 1, 0xFF}},
      {"TSIG with nothing", 250, {}},
      {"OPT with the CHAIN option (13) and a bad name", 41, {0, 13, 0, 3, 0x40, 0xC0, 0xFF}},
      {"private use", 65280, {0xC0, 0xFF}},
  }));
  CAPTURE(what);
  read_first(with_record(type, rdata), [&expected = rdata](const message_reader& r) {
    CHECK(octets(r.record().rdata.begin(), r.record().rdata.end()) == expected);
  });
}

TEST_CASE("message_reader: reads the data that ldns writes", "[dns][ldns]") {
  const auto [text, ours] = GENERATE(table<std::string, std::string>({
      {"h. 60 IN SRV 1 2 65535 target.example.com.", "1 2 65535 target.example.com."},
      {"h. 60 IN SRV 65535 0 0 .", "65535 0 0 ."},
      {"h. 60 IN SRV 0 0 1 a\\.b.c\\032d.", "0 0 1 a\\.b.c\\032d."},
      {"h. 60 IN TXT \"a=b\" \"\" \"c=\\255\\000\"", std::string("\3a=b\0\4c=\xFF\0", 10)},
  }));
  ldns_rr* raw = nullptr;
  REQUIRE(ldns_rr_new_frm_str(&raw, text.c_str(), 0, nullptr, nullptr) == LDNS_STATUS_OK);
  const std::unique_ptr<ldns_rr, decltype(&ldns_rr_free)> rr(raw, &ldns_rr_free);
  octets rdata;
  for (std::size_t i = 0; i < ldns_rr_rd_count(raw); ++i) {
    const ldns_rdf* field = ldns_rr_rdf(raw, i);
    rdata.insert(rdata.end(), ldns_rdf_data(field), ldns_rdf_data(field) + ldns_rdf_size(field));
  }
  const bool is_srv = ldns_rr_get_type(raw) == LDNS_RR_TYPE_SRV;
  read_first(with_record(static_cast<int>(ldns_rr_get_type(raw)), rdata),
             [&, &expected = ours](const message_reader& r) {
               if (!is_srv) {
                 CHECK(r.as_txt()->rdata() == expected);
                 return;
               }
               const srv_record srv = r.as_srv().value();
               CHECK(std::to_string(srv.priority) + ' ' + std::to_string(srv.weight) + ' ' + std::to_string(srv.port) +
                         ' ' + srv.target.to_text() ==
                     expected);
             });
}

// The reader remembers the positions of targets. The message has more of them than it remembers.
// Some are longer than its short block. Some addresses have the middle of a target as their owner,
// or a target that is itself compressed.
TEST_CASE("message_reader: owners that point to targets are those targets, whatever was read in between",
          "[dns][rfc1035][rfc2782][fault-W8]") {
  constexpr std::size_t srv_count = 40;
  message_builder message(1);
  message.response().question("q", rr_type::srv);
  std::vector<std::size_t> at;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < srv_count; ++i) {
    const std::string first = (i % 3 == 0 ? std::string(i + 20, 'l') : std::string(1, 's')) + std::to_string(i);
    const wire_name target = i % 5 == 4 ? wire_name::pointer(12, {first}) : wire_name(first + ".example.net");
    at.push_back(message.bytes().size() + 2 + 10 + 6);  // behind owner, fixed part, priority, weight and port
    expected.push_back(first + (i % 5 == 4 ? ".q." : ".example.net."));
    message.answer(wire_name::pointer(12), rr_type::srv, 60, rdata_srv(0, 0, 80, target));
  }
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < srv_count; ++i) {
      message.additional(wire_name::pointer(at[i]), rr_type::a, 60, rdata_a("192.0.2.1"));
      expected.push_back(expected[i]);
      const std::size_t behind_first = at[i] + 1 + expected[i].find('.');
      message.additional(wire_name::pointer(behind_first), rr_type::a, 60, rdata_a("192.0.2.1"));
      expected.push_back(expected[i].substr(expected[i].find('.') + 1));
    }
  }

  const octets bytes = message.bytes();
  result<message_reader> reader = message_reader::open(bytes);
  REQUIRE(reader);
  for (const std::string& name : expected) {
    INFO(name);
    REQUIRE(reader->next());
    if (reader->record().type == rr_type::srv) {
      CHECK(reader->as_srv()->target.to_text() == name);
    } else {
      CHECK(reader->record().owner.to_text() == name);
    }
  }
  CHECK_FALSE(reader->next());
  CHECK_FALSE(reader->error());
}

}  // namespace
