// The kinds of negative answers, how long they are valid, and replies that cannot be trusted.
#include "sdconnect/dns/answer.hpp"
#include "support/message_builder.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

const question asked{*name::from_text("q.example"), rr_type::srv};

message_builder reply() {
  message_builder made(1);
  made.response().question("q.example", rr_type::srv);
  return made;
}

answer read(const message_builder& message) {
  const result<answer> a = read_answer(message.bytes(), asked);
  REQUIRE(a);
  return *a;
}

message_builder with_soa(unsigned code) {
  return reply().rcode(code).authority("example", rr_type::soa, 60, rdata_soa(30));
}

TEST_CASE("read_answer: each rcode means its kind of no", "[dns][rfc2308][rfc-check-47][rfc-check-48]") {
  const auto [code, soa, status, what] = GENERATE(table<unsigned, bool, errc, condition>({
      {0, true, errc::no_data, condition::absent},
      {0, false, errc::no_data, condition::absent},
      {1, true, errc::server_failure, condition::transient},
      {2, true, errc::server_failure, condition::transient},
      {3, true, errc::nxdomain, condition::absent},
      {3, false, errc::nxdomain, condition::absent},
      {4, false, errc::server_failure, condition::transient},
      {5, true, errc::server_refused, condition::transient},
      {9, false, errc::server_refused, condition::transient},
      {11, false, errc::server_failure, condition::transient},
      {15, false, errc::server_failure, condition::transient},
  }));
  CAPTURE(code, soa);
  const answer a = read(soa ? with_soa(code) : reply().rcode(code));
  CHECK(a.status == status);
  CHECK(a.status == what);
  CHECK(a.code == static_cast<rcode>(code));
}

TEST_CASE("read_answer: OPT holds the upper bits of the rcode", "[dns][rfc6891][rfc-check-56]") {
  const answer badvers = read(reply().opt(1232, 16));
  CHECK(badvers.code == rcode::badvers);
  CHECK(badvers.status == errc::server_failure);
  CHECK(read(reply().rcode(7).opt(1232, 0xFF7)).code == static_cast<rcode>(0xFF7));
  // In another section it is not an OPT record (RFC 6891 §6.1.1).
  CHECK(read(reply().answer("", rr_type::opt, 0x01000000, {}, 1232)).code == rcode::noerror);
}

TEST_CASE("read_answer: a no holds for the lower of SOA TTL and MINIMUM", "[dns][rfc2308][rfc-check-61]") {
  const auto [ttl, minimum, expected] = GENERATE(table<std::uint32_t, std::uint32_t, std::chrono::seconds>({
      {60, 30, 30s},
      {30, 60, 30s},
      {0, 60, 0s},
      {60, 0, 0s},
      {0x80000000, 60, 0s},
      {60, 0xFFFFFFFF, 60s},
  }));
  const unsigned code = GENERATE(0U, 3U);
  CHECK(read(reply().rcode(code).authority("example", rr_type::soa, ttl, rdata_soa(minimum))).ttl == expected);
}

TEST_CASE("read_answer: a no without SOA holds for no time", "[dns][rfc2308][rfc-check-61]") {
  CHECK(read(reply().rcode(3)).ttl == 0s);
  CHECK(read(reply()).ttl == 0s);
}

TEST_CASE("read_answer: a no behind an alias holds no longer than the alias", "[dns][rfc2308][rfc-check-61]") {
  const auto with_alias = [](std::uint32_t alias_ttl) {
    return read(reply()
                    .rcode(3)
                    .answer("q.example", rr_type::cname, alias_ttl, rdata_name("b.example"))
                    .authority("example", rr_type::soa, 60, rdata_soa(30)));
  };
  CHECK(with_alias(5).status == errc::nxdomain);
  CHECK(with_alias(5).ttl == 5s);
  CHECK(with_alias(600).ttl == 30s);
}

TEST_CASE("read_answer: only a SOA of the name's own zone proves anything", "[dns][rfc2308][fault-S22]") {
  const auto [what, message, status] = GENERATE(table<std::string, message_builder, errc>({
      {"of the root", reply().authority("", rr_type::soa, 60, rdata_soa(30)), errc::no_data},
      {"of the name itself", reply().authority("q.example", rr_type::soa, 60, rdata_soa(30)), errc::no_data},
      {"of a sibling", reply().authority("r.example", rr_type::soa, 60, rdata_soa(30)), errc::empty_answer},
      {"of a child", reply().authority("a.q.example", rr_type::soa, 60, rdata_soa(30)), errc::empty_answer},
      {"of class CH", reply().authority("example", rr_type::soa, 60, rdata_soa(30), 3), errc::empty_answer},
      {"malformed", reply().authority("example", rr_type::soa, 60, {0, 0, 1}), errc::empty_answer},
      {"in the answer section", reply().answer("example", rr_type::soa, 60, rdata_soa(30)), errc::empty_answer},
      {"none, but NS: a referral", reply().authority("example", rr_type::ns, 60, rdata_name("ns")), errc::empty_answer},
  }));
  CAPTURE(what);
  CHECK(read(message).status == status);
}

TEST_CASE("read_answer: an alias without data is no success", "[dns][fault-S18]") {
  const octets to_b = rdata_name("b.example");
  CHECK(read(reply().answer("q.example", rr_type::cname, 60, to_b)).status == errc::empty_answer);
  CHECK(
      read(reply().answer("q.example", rr_type::cname, 60, to_b).authority("example", rr_type::soa, 60, rdata_soa(30)))
          .status == errc::no_data);
}

TEST_CASE("read_answer: only malformed records are no success", "[dns][fault-W15]") {
  const answer a = read(reply().answer("q.example", rr_type::srv, 60, {0, 1, 0, 2}));
  CHECK(a.status == errc::empty_answer);
  CHECK(a.dropped_records == 1);
}

TEST_CASE("read_answer: NXDOMAIN with data for the same name proves neither", "[dns][rfc6604][rfc2308]") {
  const octets srv = rdata_srv(0, 0, 1, "h");
  const auto nxdomain = [] { return reply().rcode(3); };
  const auto [what, message, status] = GENERATE_COPY(table<std::string, message_builder, errc>({
      {"data at the name", nxdomain().answer("q.example", rr_type::srv, 60, srv), errc::server_failure},
      {"data at the end of the chain",
       nxdomain().answer("q.example", rr_type::cname, 60, rdata_name("b")).answer("b", rr_type::srv, 60, srv),
       errc::server_failure},
      {"data of another name", nxdomain().answer("r.example", rr_type::srv, 60, srv), errc::nxdomain},
      {"the end of the chain is missing", nxdomain().answer("q.example", rr_type::cname, 60, rdata_name("b")),
       errc::nxdomain},
  }));
  CAPTURE(what);
  CHECK(read(message).status == status);
}

TEST_CASE("read_answer: a failure keeps its status although records came with it", "[dns]") {
  const unsigned code = GENERATE(2U, 5U);
  CHECK(read(reply().rcode(code).answer("q.example", rr_type::srv, 60, rdata_srv(0, 0, 1, "h"))).status ==
        condition::transient);
}

TEST_CASE("read_answer: a message cut off anywhere is malformed as a whole",
          "[dns][rfc-check-58][fault-W12][fault-W13]") {
  const octets whole = reply()
                           .answer(wire_name::pointer(12), rr_type::srv, 60, rdata_srv(0, 0, 1, "h"))
                           .authority("example", rr_type::soa, 60, rdata_soa(30))
                           .additional("h", rr_type::a, 60, {192, 0, 2, 1})
                           .opt()
                           .bytes();
  REQUIRE(read_answer(whole, asked));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(read_answer(std::span(whole).first(size), asked).error() == errc::malformed_message);
  }
}

}  // namespace
