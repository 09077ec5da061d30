// What a master file may contain, and the error messages for an invalid one.
#include "sdconnect/dns/zone.hpp"
#include "unit/dns/zone_asking.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;

namespace {

const std::string soa = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns1 h 1 2 3 4 30\n";  // three lines

std::string fault_of(const std::string& text) {
  const auto made = zone::parse(text);
  if (made) return "none";
  CHECK(made.error().code == errc::malformed_zone_file);
  return made.error().message;
}

strings answer(const zone& z, const wire_name& qname, code_point type) { return lines_of(ask(z, qname, type)); }

}  // namespace

TEST_CASE("zone file: parentheses, comments, blank owners, quotes and CRLF", "[dns][zone][rfc1035]") {
  const zone z = parsed(
      "\xEF\xBB\xBF; a comment\r\n\r\n$ORIGIN example.com. ; here, too\r\n$TTL 1h\r\n"
      "@ IN SOA ns1 h ( 1 ; serial\r\n 2 3\r\n\r\n 4 30 )\r\n"
      "a TXT \"semi;colon\" \"par(en\" ( \"x y\"\r\n \"z\" )\r\n"
      "\tA 192.0.2.1\r\n"
      "  \t ; nothing\r\n"
      "   AAAA 2001:db8::1 ; the owner is still a");
  CHECK(answer(z, "a.example.com", rr_type::txt) ==
        strings{"answer a.example.com. 3600 TXT \"semi;colon\" \"par(en\" \"x y\" \"z\""});
  CHECK(answer(z, "a.example.com", rr_type::a) == strings{"answer a.example.com. 3600 A 192.0.2.1"});
  CHECK(answer(z, "a.example.com", rr_type::aaaa) == strings{"answer a.example.com. 3600 AAAA 2001:db8::1"});
}

TEST_CASE("zone file: TTL and class in any order", "[dns][zone][rfc1035]") {
  const auto [line, ttl] = GENERATE(table<std::string, int>({
      {"a 5 IN A 192.0.2.1", 5},
      {"a IN 5 A 192.0.2.1", 5},
      {"a 5 A 192.0.2.1", 5},
      {"a in A 192.0.2.1", 60},
      {"a A 192.0.2.1", 60},
      {"a 0 A 192.0.2.1", 0},
      {"a 1d2h3m4s A 192.0.2.1", 93784},
      {"a 2147483647 A 192.0.2.1", 2147483647},
      {"$TTL 0\na A 192.0.2.1", 0},
      {"$ttl 1w\na A 192.0.2.1", 604800},
      {"a 5 A 192.0.2.1\na 3 A 192.0.2.1", 5},  // the same record again
  }));
  INFO(line);
  CHECK(answer(parsed(soa + line + "\n"), "a.example.com", rr_type::a) ==
        strings{"answer a.example.com. " + std::to_string(ttl) + " A 192.0.2.1"});
}

TEST_CASE("zone file: without $TTL the last stated one holds, at first the SOA's MINIMUM",
          "[dns][zone][rfc1035][rfc2308]") {
  const zone z = parsed("a. SOA a. a. 1 2 3 4 30\nb.a. A 192.0.2.1\nc.a. 7 A 192.0.2.1\nd.a. A 192.0.2.1\n");
  CHECK(answer(z, "b.a", 1) == strings{"answer b.a. 30 A 192.0.2.1"});
  CHECK(answer(z, "d.a", 1) == strings{"answer d.a. 7 A 192.0.2.1"});
}

TEST_CASE("zone file: an RRset has one TTL, the lowest", "[dns][zone][rfc2181]") {
  const zone z = parsed(soa + "a 50 A 192.0.2.1\na 40 A 192.0.2.2\n");
  CHECK(answer(z, "a.example.com", 1) ==
        strings{"answer a.example.com. 40 A 192.0.2.1", "answer a.example.com. 40 A 192.0.2.2"});
}

TEST_CASE("zone file: equal records count once, names in them without case", "[dns][zone][rfc2181]") {
  const zone z =
      parsed(soa + "_x._tcp SRV 0 0 1 h\n_x._TCP SRV 0 0 1 H\n_x._tcp SRV 0 0 2 h\na TXT \"x\"\na TXT \"X\"\n");
  CHECK(z.record_count() == 5);
}

TEST_CASE("zone file: origins", "[dns][zone][rfc1035]") {
  const zone z = parsed("@ 5 SOA ns h 1 2 3 4 5\n$ORIGIN sub\na A 192.0.2.1\n$ORIGIN example.com.\nb A 192.0.2.2\n",
                        *name::from_text("example.com"));
  CHECK(z.apex().to_text() == "example.com.");
  CHECK(answer(z, "a.sub.example.com", 1).front() == "answer a.sub.example.com. 5 A 192.0.2.1");
  CHECK(answer(z, "b.example.com", 1).front() == "answer b.example.com. 5 A 192.0.2.2");
}

TEST_CASE("zone file: without $ORIGIN the owner of the SOA record is the origin", "[dns][zone][fault-O32]") {
  const std::string records =
      GENERATE("www A 192.0.2.1\nexample.com. 60 IN SOA ns hostmaster 1 2 3 4 5\n",
               "$TTL 60\nexample.com. SOA ns hostmaster 1 2 3 4 5\nwww A 192.0.2.1\n",
               "; a comment\nexample.com. IN 60 soa (ns\n hostmaster 1 2 3 4 5)\nwww A 192.0.2.1\n",
               "example.com. NS ns\n SOA ns hostmaster 1 2 3 4 60\nwww 60 A 192.0.2.1\n");
  INFO(records);
  const zone z = parsed("$TTL 60\n" + records);
  CHECK(z.apex().to_text() == "example.com.");
  CHECK(answer(z, "www.example.com", 1) == strings{"answer www.example.com. 60 A 192.0.2.1"});
}

TEST_CASE("zone file: an origin that is given wins over the SOA record", "[dns][zone][fault-O32]") {
  const zone z = parsed("b.a. 5 SOA ns h 1 2 3 4 5\nx.b A 192.0.2.1\n", *name::from_text("a"));
  CHECK(z.apex().to_text() == "b.a.");
  CHECK(answer(z, "x.b.a", 1) == strings{"answer x.b.a. 5 A 192.0.2.1"});
}

TEST_CASE("zone file: @ without any origin names no zone", "[dns][zone][fault-O32]") {
  CHECK_THAT(fault_of("$TTL 60\n@ SOA ns h 1 2 3 4 5\n"), Catch::Matchers::StartsWith("line 2: @ without an origin"));
  CHECK(fault_of("$ORIGIN a.\n@ 60 SOA ns h 1 2 3 4 5\n") == "none");
  CHECK(fault_of(". 60 SOA ns h 1 2 3 4 5\n") == "none");                  // the root zone
  CHECK(fault_of("a 60 SOA a a 1 2 3 4 5\nx.a A 192.0.2.1\n") == "none");  // no name has a final dot
  CHECK(fault_of("x 60 TXT SOA\na. SOA ns h 1 2 3 4 5\n") == "none");
  CHECK_THAT(fault_of("@ 60 A 192.0.2.1\n"), Catch::Matchers::Contains("no SOA record"));
}

TEST_CASE("zone file: the names that have records of a type, without those below a delegation",
          "[dns][zone][fault-O32]") {
  const zone z = parsed(soa + "b SRV 0 0 1 h\na SRV 0 0 1 h\na A 192.0.2.1\nsub NS ns.sub\nx.sub SRV 0 0 1 h\n");
  std::vector<std::string> owners;
  for (const name& owner : z.owners(rr_type::srv)) owners.push_back(owner.to_text());
  CHECK(owners == std::vector<std::string>{"a.example.com.", "b.example.com."});
  CHECK(z.owners(rr_type::ptr).empty());
}

TEST_CASE("zone file: names hold any octets", "[dns][zone][rfc6763][fault-N2][fault-N3]") {
  const zone z = parsed(soa +
                        "_x._tcp PTR Dr\\.\\032Pepper\\ \\195\\169._x._tcp\n"
                        "Dr\\.\\ Pepper\\032\xC3\xA9._x._tcp SRV 0 0 1 @\n"
                        "\\@x TXT \"quote \\\" backslash \\\\ tab \\009\"\n");
  auto reader = message_reader::open(ask(z, "_x._tcp.example.com", rr_type::ptr));
  const octets reply = ask(z, "_x._tcp.example.com", rr_type::ptr);
  reader = message_reader::open(reply);
  REQUIRE(reader.has_value());
  REQUIRE(reader->next());
  CHECK(reader->as_name()->first_label() == "Dr. Pepper \xC3\xA9");
  REQUIRE(reader->next());  // the reader finds the SRV although it has other letter case
  CHECK(reader->as_srv()->target.to_text() == "example.com.");

  const octets text = ask(z, wire_name::labels({"@x", "example", "com"}), rr_type::txt);
  reader = message_reader::open(text);
  REQUIRE(reader->next());
  CHECK(reader->as_txt()->rdata() == "\x19quote \" backslash \\ tab \t");
}

TEST_CASE("zone file: unknown types and data in hexadecimal", "[dns][zone][rfc3597]") {
  const zone z = parsed(soa + "a TYPE65280 \\# 3 0a0B 0C\nb TYPE65280 \\# 0\nc A \\# 4 C0000201\nd TYPE1 192.0.2.2\n");
  const octets reply = ask(z, "a.example.com", 65280);
  auto reader = message_reader::open(reply);
  REQUIRE(reader->next());
  CHECK(octets(reader->record().rdata.begin(), reader->record().rdata.end()) == octets{0x0A, 0x0B, 0x0C});
  CHECK(answer(z, "c.example.com", 1) == strings{"answer c.example.com. 60 A 192.0.2.1"});
  CHECK(answer(z, "d.example.com", 1) == strings{"answer d.example.com. 60 A 192.0.2.2"});
}

TEST_CASE("zone file: what is wrong is told with its line", "[dns][zone][errors]") {
  const std::string label64(64, 'x');
  const auto [text, message] = GENERATE_COPY(table<std::string, std::string>({
      {"", "no SOA record"},
      {"a. 5 A 192.0.2.1\n", "no SOA record"},
      {soa + "@ SOA ns1 h 2 2 3 4 30\n", "line 4: second SOA record, the first is in line 3"},
      {soa + "www.example.net. A 192.0.2.1\n", "line 4: www.example.net. is outside the zone example.com."},
      {soa + "a A 192.0.2.1\na CNAME b\n", "line 5: CNAME beside other data of a.example.com."},
      {soa + "a CNAME b\nA TXT x\n", "line 5: CNAME beside other data of A.example.com."},
      {soa + "a CNAME b\na CNAME c\n", "line 5: second CNAME of a.example.com."},
      {soa + "a DNAME b\na DNAME c\n", "line 5: second DNAME of a.example.com."},
      {soa + "a DNAME b\nx.a A 192.0.2.1\n", "x.a.example.com. is below the DNAME of a.example.com."},
      {soa + "\n$INCLUDE other.zone\n", "line 5: $INCLUDE is not supported"},
      {soa + "$GENERATE 1-9 h$ A 10.0.0.$\n", "line 4: $GENERATE is not supported"},
      {soa + "$ORIGIN\n", "line 4: $ORIGIN takes one value"},
      {soa + "$TTL x\n", "line 4: x is no TTL"},
      {soa + "$TTL 2147483648\n", "line 4: 2147483648 is no TTL"},
      {soa + "a 99999999999999999999 A 192.0.2.1\n", "line 4: 99999999999999999999 is no TTL"},
      {soa + "a CH A 192.0.2.1\n", "line 4: CH is no record type of class IN"},
      {soa + "a FOO bar\n", "line 4: FOO is no record type of class IN"},
      {soa + "a TYPE65537 \\# 4 C0000201\n", "line 4: TYPE65537 is no record type of class IN"},
      {soa + "a OPT x\n", "line 4: OPT is no record type of class IN"},
      {soa + "a 60\n", "line 4: record without a type"},
      {"  A 192.0.2.1\n", "line 1: record without an owner"},
      {"a. A 192.0.2.1\n", "line 1: no TTL: neither here nor by $TTL"},
      {soa + "a SRV 0 0 70000 h\n", "line 4: SRV: 70000 is not in 0 to 65535"},
      {soa + "a SRV -1 0 1 h\n", "line 4: SRV: -1 is not in 0 to 65535"},
      {soa + "a A \\# 20 C0000201C0000201C0000201C0000201C0000201\n", "line 4: bad data for A"},
      {soa + "a SRV \\# 4 00000000\n", "line 4: bad data for SRV"},
      {soa + "a PTR \\# 2 C00C\n", "line 4: bad data for PTR"},
      {soa + "a A \\# 4 C0G00201\n", "line 4: \\#: data that are not hexadecimal"},
      {soa + "a A \\# 4 C00002\n", "line 4: \\#: length and data do not agree"},
      {soa + "a TXT \"open\n", "line 4: quotes not closed"},
      {soa + "\na TXT ( x\n\n\n", "line 5: parenthesis not closed"},
      {soa + "a TXT x )\n", "line 4: closing parenthesis without an opening one"},
      {soa + "a TXT x\\\n", "line 4: backslash at the end of the line"},
      {soa + std::string("a TXT x\0y\n", 10), "line 4: NUL octet"},
      {soa + label64 + " A 192.0.2.1\n", "line 4: " + label64 + ": " + make_error_code(errc::label_too_long).message()},
      {soa + "a\x1b[2J..b A 192.0.2.1\n", "line 4: a\\027[2J..b: " + make_error_code(errc::empty_label).message()},
  }));
  INFO(text);
  CHECK(fault_of(text) == message);
}

TEST_CASE("zone file: what ldns finds wrong is told with its line and type", "[dns][zone][errors]") {
  const std::string record = GENERATE("a A 1.2.3", "a A 1.2.3.4 5", "a A", "a AAAA ::g", "a SRV 0 0 1",
                                      "a SRV 0 0 1 h x", "a SRV 0 0 1 h..x", "a PTR", "a TXT", "a MX x h", "a SOA x");
  INFO(record);
  const std::string found = fault_of(soa + "b A 192.0.2.1\n" + record + "\n");
  const std::string type = record.substr(2, record.find(' ', 2) - 2);
  CHECK(found.rfind("line 5: " + type + ": ", 0) == 0);
}

TEST_CASE("zone file: TXT data beyond what ldns can hold is refused, not cut", "[dns][zone][errors]") {
  std::string record = "a TXT";
  for (int i = 0; i < 300; ++i) record += " \"" + std::string(250, 'x') + '"';
  CHECK(fault_of(soa + record + "\n") == "line 4: TXT: data too long");
}

TEST_CASE("zone file: load names the file", "[dns][zone][errors]") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const std::filesystem::path file = folder / ("sdconnect-zone-test-" + std::to_string(::getpid()) + ".zone");
  std::ofstream(file) << soa << "a A x\n";
  const auto broken = zone::load(file);
  std::ofstream(file) << soa << "a A 192.0.2.1\n";
  const auto good = zone::load(file);
  std::filesystem::remove(file);
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().code == errc::malformed_zone_file);
  CHECK(broken.error().message.rfind(file.string() + ": line 4: A: ", 0) == 0);
  REQUIRE(good.has_value());
  CHECK(good->record_count() == 2);

  const auto missing = zone::load(file);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == errc::file_unreadable);
  CHECK(missing.error().message == file.string() + ": No such file or directory");
  const auto directory = zone::load(folder);
  REQUIRE_FALSE(directory.has_value());
  CHECK(directory.error().code == errc::file_unreadable);
}
