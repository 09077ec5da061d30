// How long an answer is fresh, and which answer replaces which.
#include "support/message_builder.hpp"
#include "unit/cache/answers.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const answer> read(const message_builder& reply, const question& q) {
  return std::make_shared<const answer>(read_answer(reply.bytes(), q).value());
}

TEST_CASE("answer_cache: an answer is held until the last moment of its TTL", "[cache][rfc1035]") {
  one_question one;
  CHECK(one.find(start) == nullptr);
  const auto data = data_for(60s);
  const cached_answer* const stored = one.store(data, start);
  REQUIRE(stored != nullptr);
  CHECK(stored->data == data);
  CHECK(stored->server == "192.0.2.53");
  CHECK(stored->asked == start);
  CHECK(stored->received == start);
  CHECK(stored->expires == start + 60s);
  CHECK_FALSE(stored->failure);
  CHECK(one.find(start) == stored);
  CHECK(is_fresh(one.find(start + 60s - 1ns), start + 60s - 1ns));
  CHECK_FALSE(is_fresh(one.find(start + 60s), start + 60s));
}

TEST_CASE("answer_cache: name and type make the question, case does not", "[cache][rfc4343]") {
  one_question one;
  one.store(data_for(60s), start);
  CHECK(one.cache.find(asked_for("_X._TCP.Example.COM"), start) != nullptr);
  CHECK(one.cache.find(asked_for("_x._tcp.example.com", rr_type::txt), start) == nullptr);
  CHECK(one.cache.find(asked_for("_tcp.example.com"), start) == nullptr);
}

TEST_CASE("answer_cache: a record set lives for the lowest TTL of its records", "[cache][rfc2181][rfc-check-59]") {
  const auto [first, second, seconds] = GENERATE(
      table<std::uint32_t, std::uint32_t, int>({{300, 20, 20}, {20, 300, 20}, {0x7fffffff, 0x7fffffff, 86'400}}));
  INFO(first << ", " << second);
  one_question one;
  message_builder reply(1);
  reply.response()
      .question("_x._tcp.example.com", rr_type::srv)
      .answer("_x._tcp.example.com", rr_type::srv, first, rdata_srv(1, 2, 3, "h.example"))
      .answer("_x._tcp.example.com", rr_type::srv, second, rdata_srv(1, 2, 4, "h.example"));
  const cached_answer* const held = one.store(read(reply, one.q), start);
  REQUIRE(held != nullptr);
  CHECK(held->expires == start + std::chrono::seconds(seconds));
}

TEST_CASE("answer_cache: a TTL with the top bit set is 0, and a day is the most",
          "[cache][rfc2181][rfc8767][rfc-check-59][fault-C2]") {
  const auto [ttl, seconds] = GENERATE(
      table<std::uint32_t, int>({{0x80000000, 0}, {0xffffffff, 0}, {0x7fffffff, 86'400}, {86'401, 86'400}, {1, 1}}));
  INFO(ttl);
  one_question one;
  message_builder reply(1);
  reply.response()
      .question("_x._tcp.example.com", rr_type::srv)
      .answer("_x._tcp.example.com", rr_type::srv, ttl, rdata_srv(1, 2, 3, "h.example"));
  const cached_answer* const held = one.store(read(reply, one.q), start);
  REQUIRE((held != nullptr) == (seconds > 0));
  if (held != nullptr) CHECK(held->expires == start + std::chrono::seconds(seconds));
}

TEST_CASE("answer_cache: no limit leads beyond the range of the clock", "[cache]") {
  one_question one;
  one.cache = answer_cache(
      {.max_ttl = std::chrono::seconds::max(), .max_negative_ttl = -1s, .max_stale = std::chrono::seconds::max()});
  const cached_answer* const held =
      one.store(data_for(std::chrono::seconds::max()), start, std::numeric_limits<std::uint32_t>::max());
  REQUIRE(held != nullptr);
  CHECK(held->expires == start + std::chrono::seconds(0x7fffffff));
  CHECK(held->refresh_at > start);
  CHECK(held->stale_until > held->expires);
  CHECK(one.store(no_for(60s, errc::nxdomain), start) == nullptr);
}

TEST_CASE("answer_cache: TTL 0 is not kept, and what was held goes with it",
          "[cache][rfc1035][rfc-check-60][fault-C1][fault-C18]") {
  one_question one;
  SECTION("nothing was held") { CHECK(one.store(data_for(0s), start) == nullptr); }
  SECTION("data were held: they are no longer true, fresh or stale") {
    one.store(data_for(60s), start);
    CHECK(one.store(data_for(0s), start + 1s) == nullptr);
  }
  SECTION("NXDOMAIN was held: it would hide the record that appeared") {
    one.store(no_for(60s, errc::nxdomain), start);
    CHECK(one.store(data_for(0s), start + 1s) == nullptr);
  }
  SECTION("SERVFAIL was held: success wins") {
    CHECK(one.fail(errc::server_failure, start) != nullptr);
    CHECK(one.store(data_for(0s), start + 1ms) == nullptr);
    const cached_answer* const failed_again = one.fail(errc::server_failure, start + 2s);
    REQUIRE(failed_again != nullptr);
    CHECK(failed_again->failures == 1);
    CHECK(failed_again->data == nullptr);
    return;
  }
  CHECK(one.find(start + 1s) == nullptr);
  CHECK(one.find(start + 100s) == nullptr);
}

TEST_CASE("answer_cache: a reply to an earlier query never replaces that to a later one", "[cache]") {
  one_question one;
  const auto newer = data_for(60s, 2), older = data_for(600s, 1);
  one.cache.store(one.q, newer, "", start + 2s, start + 3s, 0);

  const cached_answer* const held = one.cache.store(one.q, older, "", start + 1s, start + 4s, 0);
  REQUIRE(held != nullptr);
  CHECK(held->data == newer);
  CHECK(one.find(start + 5s)->data == newer);
  CHECK(one.cache.store(one.q, older, "", start + 2s, start + 4s, 0)->data == older);  // sent at the same time

  // Not even if the newer one was not kept, or is no longer in the cache.
  CHECK(one.cache.store(one.q, data_for(0s), "", start + 6s, start + 6s, 0) == nullptr);
  CHECK(one.cache.store(one.q, older, "", start + 5s, start + 7s, 0) == nullptr);
  one.cache.store(one.q, no_for(1s, errc::no_data), "", start + 8s, start + 8s, 0);
  CHECK(one.cache.store(one.q, older, "", start + 7s, start + 20s, 0) == nullptr);
  CHECK(one.cache.store(one.q, older, "", start + 9s, start + 21s, 0) != nullptr);
}

TEST_CASE("answer_cache: the first answer is taken whenever its query was sent", "[cache]") {
  one_question one;
  const boot_clock::time_point epoch{};
  CHECK(one.cache.store(one.q, data_for(60s), "", epoch - 1s, epoch, 0) != nullptr);
}

TEST_CASE("answer_cache: NXDOMAIN and NODATA live for what their SOA says",
          "[cache][rfc2308][rfc-check-61][fault-C5]") {
  const auto [rcode, soa_ttl, minimum, seconds] = GENERATE(table<int, std::uint32_t, std::uint32_t, int>(
      {{3, 600, 30, 30}, {3, 30, 600, 30}, {0, 600, 30, 30}, {3, 86'400, 86'400, 3'600}, {0, 86'400, 86'400, 3'600}}));
  INFO("rcode " << rcode << ", SOA TTL " << soa_ttl << ", MINIMUM " << minimum);
  one_question one;
  message_builder reply(1);
  reply.response()
      .rcode(static_cast<std::uint8_t>(rcode))
      .question("_x._tcp.example.com", rr_type::srv)
      .authority("example.com", rr_type::soa, soa_ttl, rdata_soa(minimum));
  const cached_answer* const held = one.store(read(reply, one.q), start);
  REQUIRE(held != nullptr);
  CHECK(held->data->status == (rcode == 3 ? errc::nxdomain : errc::no_data));
  CHECK(held->expires == start + std::chrono::seconds(seconds));
  CHECK(held->refresh_at < held->expires);
}

TEST_CASE("answer_cache: a \"no\" without SOA is not kept", "[cache][rfc2308][rfc-check-61][fault-C5][fault-C7]") {
  one_question one;
  one.store(data_for(60s), start);
  // NXDOMAIN itself has a TTL of 0; NOERROR without a record proves nothing, so the caller gets a
  // failure.
  CHECK(one.store(no_for(0s, errc::nxdomain), start + 1s) == nullptr);
  one.store(data_for(60s), start + 2s);
  const cached_answer* const held = one.fail(errc::empty_answer, start + 3s);
  REQUIRE(held != nullptr);
  CHECK(held->data != nullptr);
  CHECK(held->retry_at <= start + 3s + 5s);
}

TEST_CASE("answer_cache: what was denied and then appears is seen at the negative TTL", "[cache][rfc2308][fault-C6]") {
  const errc status = GENERATE(errc::nxdomain, errc::no_data);
  one_question one;
  one.store(no_for(30s, status), start);
  CHECK(is_fresh(one.find(start + 30s - 1ns), start + 30s - 1ns));
  CHECK(one.find(start + 30s) == nullptr);
  CHECK(is_fresh(one.store(data_for(60s), start + 30s), start + 30s));
}

TEST_CASE("answer_cache: a removed service is gone when its TTL ends", "[cache][fault-C8]") {
  one_question one;
  one.store(data_for(60s), start);
  one.store(no_for(300s, errc::nxdomain), start + 60s);
  const cached_answer* const held = one.find(start + 61s);
  REQUIRE(is_fresh(held, start + 61s));
  CHECK(held->data->status == errc::nxdomain);
}

TEST_CASE("answer_cache: additional records answer no question of their own",
          "[cache][rfc5452][fault-C17][fault-T14]") {
  one_question one;
  message_builder reply(1);
  reply.response()
      .question("_x._tcp.example.com", rr_type::srv)
      .answer("_x._tcp.example.com", rr_type::srv, 300, rdata_srv(1, 2, 3, "h.example.com"))
      .additional("h.example.com", rr_type::a, 300, {192, 0, 2, 1})
      .additional("www.bank.example", rr_type::a, 300, {192, 0, 2, 66});
  const cached_answer* const held = one.store(read(reply, one.q), start);
  REQUIRE(held != nullptr);
  CHECK(held->data->additional.size() == 2);  // for the walk, and only as long as this answer
  CHECK(one.cache.size() == 1);
  CHECK(one.cache.find(asked_for("h.example.com", rr_type::a), start) == nullptr);
  CHECK(one.cache.find(asked_for("www.bank.example", rr_type::a), start) == nullptr);
}

TEST_CASE("answer_cache: clear forgets answers, failures and their order", "[cache]") {
  one_question one;
  one.store(data_for(60s), start + 5s);
  one.fail(errc::query_timed_out, start + 5s);
  one.cache.clear();
  CHECK(one.cache.size() == 0);
  CHECK(one.cache.bytes() == 0);
  CHECK(one.find(start + 5s) == nullptr);
  CHECK(one.store(data_for(60s), start) != nullptr);
}

}  // namespace
