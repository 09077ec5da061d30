// Extended DNS errors in the OPT record of a reply (RFC 8914).
#include "sdconnect/dns/answer.hpp"
#include "support/heap_meter.hpp"
#include "support/message_builder.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace sdconnect;
using namespace sdconnect::test;

namespace {

const question asked{*name::from_text("q.example"), rr_type::srv};

octets option(unsigned code, const octets& data) {
  octets out;
  put_u16(out, code);
  put_u16(out, data.size());
  put(out, data);
  return out;
}

octets extended(unsigned code, std::string_view text) {
  octets data;
  put_u16(data, code);
  data.insert(data.end(), text.begin(), text.end());
  return option(15, data);
}

message_builder reply_with(const octets& options, unsigned code = 2) {
  message_builder made(1);
  made.response().question("q.example", rr_type::srv).rcode(code).opt(1232, code, 0, false, options);
  return made;
}

std::vector<extended_error> read(const octets& options) {
  const result<answer> a = read_answer(reply_with(options).bytes(), asked);
  REQUIRE(a);
  CHECK(a->status == errc::server_failure);
  return a->extended_errors;
}

}  // namespace

TEST_CASE("extended error: code and text of each option", "[dns][rfc8914][fault-O15]") {
  const octets sample{0,   15,  0,   9,                    // OPTION-CODE 15, OPTION-LENGTH 9
                      0,   7,                              // INFO-CODE 7
                      'e', 'x', 'p', 0xC3, 0xA9, '!', 0};  // EXTRA-TEXT with the NUL of a C string
  CHECK(read(sample) == std::vector<extended_error>{{7, "exp\xC3\xA9!"}});
  octets several = option(10, {1, 2, 3, 4, 5, 6, 7, 8});  // a cookie
  put(several, extended(22, ""));
  put(several, extended(23, "192.0.2.1:53 timed out"));
  put(several, extended(22, ""));  // the same again
  CHECK(read(several) == std::vector<extended_error>{{22, ""}, {23, "192.0.2.1:53 timed out"}});
}

TEST_CASE("extended error: those of an answer are kept too", "[dns][rfc8914][fault-O15]") {
  message_builder made(1);
  made.response().question("q.example", rr_type::srv).answer("q.example", rr_type::srv, 60, rdata_srv(0, 0, 80, "h"));
  const result<answer> a = read_answer(made.opt(1232, 0, 0, false, extended(3, "")).bytes(), asked);
  REQUIRE(a);
  CHECK_FALSE(a->status);
  CHECK(a->extended_errors == std::vector<extended_error>{{3, ""}});
}

TEST_CASE("extended error: malformed options are ignored", "[dns][rfc8914][fault-O15]") {
  const auto [what, options] = GENERATE(table<const char*, octets>({
      {"no INFO-CODE", {0, 15, 0, 0}},
      {"half an INFO-CODE", {0, 15, 0, 1, 7}},
      {"an option longer than the record", {0, 15, 0, 3, 0, 7}},
      {"half an option header", {0, 15, 0}},
      {"another option", {0, 16, 0, 2, 0, 7}},
  }));
  CAPTURE(what);
  CHECK(read(options).empty());
  octets behind_a_good_one = extended(1, "a");
  put(behind_a_good_one, options);
  CHECK(read(behind_a_good_one) == std::vector<extended_error>{{1, "a"}});
}

TEST_CASE("extended error: number and texts are bounded", "[dns][rfc8914][fault-O15]") {
  octets many;
  for (unsigned code = 0; code < 4000; ++code) put(many, extended(code, "text"));
  CHECK(read(many).size() == max_extended_errors);
  const std::string long_text(max_extended_text - 1, 'x');
  CHECK(read(extended(0, long_text + "\xC3\xA9 and more")).at(0).text == long_text);
  CHECK(read(extended(0, long_text + "yz")).at(0).text == long_text + 'y');
  CHECK(read(extended(0, std::string(60'000, '\x80'))).at(0).text.size() == max_extended_text);
}

TEST_CASE("extended error: in an OPT record of another section it is none", "[dns][rfc6891][fault-O15]") {
  message_builder made(1);
  made.response().question("q.example", rr_type::srv).rcode(2);
  made.authority("", rr_type::opt, 0, extended(7, "x"), 1232);
  CHECK(read_answer(made.bytes(), asked).value().extended_errors.empty());
}

TEST_CASE("extended error: a reader that is used again keeps none of the reply before", "[dns][fault-O15]") {
  answer_reader reader;
  answer out;
  const octets with = reply_with(extended(7, "x")).bytes();
  const octets without = reply_with({}).bytes();
  REQUIRE_FALSE(reader.read(with, asked, out));
  CHECK(out.extended_errors.size() == 1);
  const heap_meter meter;
  REQUIRE_FALSE(reader.read(without, asked, out));
  CHECK(out.extended_errors.empty());
  CHECK(meter.allocations() == 0);
}

TEST_CASE("extended error: shown with the name of the code, escaped", "[dns][rfc8914][fault-O15]") {
  CHECK(to_string(extended_error{7, "at 2026-01-01"}) == "EDE 7 (Signature Expired): at 2026-01-01");
  CHECK(to_string(extended_error{30, ""}) == "EDE 30 (Invalid Query Type)");
  CHECK(to_string(extended_error{49152, "a\x1b[31m\r\nb"}) == R"(EDE 49152: a\027[31m\013\010b)");
  CHECK(extended_error_name(0) == "Other Error");
  CHECK(extended_error_name(33) == "Negative Trust Anchor");
  CHECK(extended_error_name(34).empty());
  CHECK(extended_error_name(65535).empty());
}
