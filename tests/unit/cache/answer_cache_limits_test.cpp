// Limits, order of eviction, and the cost of a lookup.
#include "support/heap_meter.hpp"
#include "unit/cache/answers.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

question numbered(int i) { return asked_for("n" + std::to_string(i) + ".example"); }

void fill(answer_cache& cache, int count) {
  for (int i = 0; i < count; ++i) cache.store(numbered(i), data_for(60s), "192.0.2.53", start, start, 0);
}

std::vector<int> held_in(answer_cache& cache, int count) {
  std::vector<int> out;
  for (int i = 0; i < count; ++i) {
    if (cache.find(numbered(i), start) != nullptr) out.push_back(i);
  }
  return out;
}

TEST_CASE("answer_cache: what was found or stored least recently goes first", "[cache][fault-C16]") {
  answer_cache cache({.max_entries = 4});
  fill(cache, 4);
  CHECK(cache.find(numbered(0), start) != nullptr);
  cache.store(numbered(1), data_for(60s), "", start, start, 0);
  cache.store_failure(numbered(2), errc::query_timed_out, start, 0);
  cache.store(numbered(4), data_for(60s), "", start, start, 0);  // replaces 3
  CHECK(cache.size() == 4);
  CHECK(held_in(cache, 5) == std::vector{0, 1, 2, 4});
  cache.store_failure(numbered(5), errc::query_timed_out, start, 0);  // replaces 0
  CHECK(held_in(cache, 6) == std::vector{1, 2, 4, 5});
}

TEST_CASE("answer_cache: looking for what is not there is no use of anything", "[cache]") {
  answer_cache cache({.max_entries = 2});
  cache.store(numbered(0), no_for(10s, errc::no_data), "", start, start, 0);
  cache.store(numbered(1), data_for(60s), "", start, start, 0);
  CHECK(cache.find(numbered(0), start + 10s) == nullptr);  // expired
  CHECK(cache.find(numbered(7), start + 10s) == nullptr);
  cache.store(numbered(2), data_for(60s), "", start, start + 10s, 0);
  CHECK(held_in(cache, 3) == std::vector{1, 2});
}

TEST_CASE("answer_cache: octets are bounded too, and what does not fit alone is not kept", "[cache][fault-C16]") {
  answer big;
  big.ttl = 60s;
  big.records = std::vector<srv_record>(100);  // 26 kB
  const auto data = std::make_shared<const answer>(big);
  answer_cache cache({.max_bytes = 100'000});
  for (int i = 0; i < 10; ++i) {
    CHECK(cache.store(numbered(i), data, "", start, start, 0) != nullptr);
    CHECK(cache.bytes() <= 100'000);
  }
  CHECK(held_in(cache, 10) == std::vector{7, 8, 9});

  // Exceeds the limit: the others stay, the answer that it replaces is removed.
  big.records = std::vector<srv_record>(400);
  CHECK(cache.store(numbered(9), std::make_shared<const answer>(big), "", start, start, 0) == nullptr);
  CHECK(held_in(cache, 10) == std::vector{7, 8});
}

TEST_CASE("answer_cache: the smallest limits hold one failure", "[cache]") {
  answer_cache cache({.max_entries = 0, .max_bytes = 0});
  CHECK(cache.store(numbered(0), data_for(60s), "", start, start, 0) == nullptr);
  REQUIRE(cache.store_failure(numbered(1), errc::query_timed_out, start, 0) != nullptr);
  CHECK(cache.find(numbered(1), start) != nullptr);
  CHECK(cache.size() == 1);
}

TEST_CASE("answer_cache: a million names push through it and it stays as small as it was", "[cache][fault-C16]") {
  constexpr int names = 1'000'000;
  answer_cache cache;
  const question wanted = asked_for("wanted.example");
  cache.store(wanted, data_for(60s), "192.0.2.53", start, start, 0);
  bool was_within = true, was_kept = true;
  const heap_meter meter;
  for (int i = 0; i < names; ++i) {
    cache.store(numbered(i), data_for(60s), "192.0.2.53", start, start, 0);
    if (i % 1000 == 0) was_kept = was_kept && cache.find(wanted, start) != nullptr;
    was_within = was_within && cache.size() <= 10'000 && cache.bytes() <= std::size_t{12} << 20;
  }
  CHECK(was_within);
  CHECK(was_kept);  // in continuous use, so never the least recently used
  CHECK(cache.size() == 10'000);
#ifndef __SANITIZE_ADDRESS__
  // The estimate includes all memory from malloc and is not too low.
  CHECK(meter.peak() <= std::size_t{12} << 20);
  CHECK(meter.peak() <= cache.bytes() * 105 / 100);
  if (heap_meter::is_counting()) CHECK(meter.peak() >= cache.bytes() * 80 / 100);
#endif
}

TEST_CASE("answer_cache: finding allocates nothing, whatever is found", "[cache]") {
  const int entries = GENERATE(10, 10'000);
  answer_cache cache;
  fill(cache, entries);
  const question stale = numbered(0), failed = numbered(1), absent = numbered(-1), fresh = numbered(2);
  cache.store_failure(failed, errc::query_timed_out, start + 1h, 0);
  cache.store(fresh, data_for(60s), "192.0.2.53", start + 1h, start + 1h, 0);
  const auto now = start + 1h;
  std::size_t found = 0;
  const heap_meter meter;
  for (int i = 0; i < 1000; ++i) {
    for (const question* const q : {&stale, &failed, &absent, &fresh}) found += cache.find(*q, now) != nullptr ? 1 : 0;
  }
  const std::size_t allocations = meter.allocations();
  CHECK(allocations == 0);
  CHECK(found == 3000);
}

TEST_CASE("answer_cache: can be moved", "[cache]") {
  answer_cache cache;
  fill(cache, 3);
  answer_cache moved = std::move(cache);
  CHECK(held_in(moved, 3) == std::vector{0, 1, 2});
  moved = answer_cache();
  CHECK(moved.size() == 0);
}

TEST_CASE("answer_cache: a limit of max() is none", "[cache][fault-O36]") {
  answer_cache cache({.max_ttl = std::chrono::seconds::max(),
                      .max_negative_ttl = std::chrono::seconds::max(),
                      .max_stale = std::chrono::seconds::max()});
  const auto longest = std::chrono::seconds(0x7fffffff);  // RFC 2181 §8
  const cached_answer* const held = cache.store(numbered(1), data_for(longest), "192.0.2.53", start, start, 0xffffffff);
  REQUIRE(held != nullptr);
  CHECK(held->expires == start + longest);
  CHECK(held->refresh_at > start);
  CHECK(held->refresh_at < held->expires);
  CHECK(held->stale_until > held->expires + 24h * 365);
  CHECK(cache.find(numbered(1), start + 24h * 365 * 60) != nullptr);
}

}  // namespace

TEST_CASE("answer_cache: what name servers say about failures counts towards the limit", "[cache][fault-O15]") {
  const std::vector<extended_error> said(4, {22, std::string(256, 'x')});
  answer_cache cache;
  cache.store(numbered(0), data_for(60s), "192.0.2.53", start, start, 0);
  const std::size_t before = cache.bytes();
  CHECK(cache.store_failure(numbered(0), errc::server_failure, start, 0, said)->failure_errors == said);
  CHECK(cache.bytes() >= before + 4 * 256);
  CHECK(cache.store_failure(numbered(0), errc::query_timed_out, start, 0)->failure_errors.empty());
  CHECK(cache.bytes() == before);
  cache.store_failure(numbered(0), errc::server_failure, start, 0, said);
  cache.store(numbered(0), data_for(60s), "192.0.2.53", start, start, 0);
  CHECK(cache.bytes() == before);
  for (int i = 0; i < 20'000; ++i) cache.store_failure(numbered(i), errc::server_failure, start, 0, said);
  CHECK(cache.bytes() <= std::size_t{16} << 20);
}
