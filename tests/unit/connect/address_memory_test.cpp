#include "connect/race/address_memory.hpp"

#include "sdconnect/connect/address_order.hpp"
#include "support/name_of.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

endpoint endpoint_of(const char* target, std::uint16_t port, const std::vector<std::string>& addresses) {
  endpoint e;
  e.target = name::from_text(target).value();
  e.port = port;
  for (const std::string& text : addresses) e.addresses.push_back(address_of(text.c_str()));
  return e;
}

const address_memory::time_point now{1h};
const ip_address first = address_of("192.0.2.1");
const ip_address second = address_of("192.0.2.2");

}  // namespace

TEST_CASE("address memory: a failure counts for a minute, until the address answers", "[connect]") {
  address_memory memory;
  const endpoint e = endpoint_of("h.example.com", 80, {"192.0.2.1", "192.0.2.2"});
  memory.note(e, first, outcome_kind::refused, now);
  CHECK(memory.failed_lately(e, first, now + 59s));
  CHECK_FALSE(memory.failed_lately(e, first, now + 60s));
  CHECK_FALSE(memory.failed_lately(e, second, now));
  memory.note(e, first, outcome_kind::overtaken, now + 59s);
  CHECK(memory.failed_lately(e, first, now + 90s));
  memory.note(e, first, outcome_kind::connected, now + 90s);
  CHECK_FALSE(memory.failed_lately(e, first, now + 90s));
  CHECK(memory.empty());
}

TEST_CASE("address memory: what says nothing changes nothing", "[connect]") {
  address_memory memory;
  const endpoint e = endpoint_of("h.example.com", 80, {"192.0.2.1"});
  memory.note(e, first, outcome_kind::abandoned, now);
  memory.note(e, first, outcome_kind::local_failure, now);
  CHECK(memory.empty());
  memory.note(e, first, outcome_kind::timed_out, now);
  memory.note(e, first, outcome_kind::abandoned, now);
  CHECK(memory.failed_lately(e, first, now));
}

TEST_CASE("address memory: it belongs to target and port, whatever the letter case", "[connect]") {
  address_memory memory;
  memory.note(endpoint_of("h.example.com", 80, {}), first, outcome_kind::refused, now);
  CHECK(memory.failed_lately(endpoint_of("H.Example.COM", 80, {}), first, now));
  CHECK_FALSE(memory.failed_lately(endpoint_of("h.example.com", 81, {}), first, now));
  CHECK_FALSE(memory.failed_lately(endpoint_of("g.example.com", 80, {}), first, now));
}

TEST_CASE("address memory: addresses that are no longer listed are forgotten, those that are stay",
          "[connect][fault-B8]") {
  address_memory memory;
  const endpoint e = endpoint_of("h.example.com", 80, {"::ffff:192.0.2.1", "192.0.2.2"});
  const endpoint other = endpoint_of("g.example.com", 80, {"192.0.2.1"});
  for (const ip_address& address : {first, second}) memory.note(e, address, outcome_kind::refused, now);
  memory.note(other, first, outcome_kind::refused, now);
  memory.keep_listed(std::vector{e});
  CHECK(memory.failed_lately(e, first, now));  // listed as its IPv4-mapped form
  CHECK(memory.failed_lately(e, second, now));
  CHECK_FALSE(memory.failed_lately(other, first, now));

  memory.keep_listed(std::vector{endpoint_of("h.example.com", 80, {"192.0.2.2"})});
  memory.keep_listed(std::vector{e});
  CHECK_FALSE(memory.failed_lately(e, first, now));
  CHECK(memory.failed_lately(e, second, now));
  memory.keep_listed({});
  CHECK(memory.empty());
}

TEST_CASE("address memory: the addresses of an endpoint take turns", "[connect][fault-O23]") {
  address_memory memory;
  const endpoint e = endpoint_of("h.example.com", 80, {"192.0.2.1", "192.0.2.2"});
  const endpoint alone = endpoint_of("g.example.com", 80, {"192.0.2.1"});
  memory.begin_turns(7);
  CHECK(memory.turn(e) == 7);
  memory.take_turn(e);
  memory.take_turn(alone);
  CHECK(memory.turn(e) == 8);
  CHECK(memory.turn(alone) == 7);
  memory.clear();  // what was learned of failures
  CHECK(memory.turn(e) == 8);
  memory.keep_listed(std::vector{alone});
  CHECK(memory.turn(e) == 7);
}

TEST_CASE("address order: the seed says which address of a family is first", "[connect][fault-O23]") {
  const endpoint e =
      endpoint_of("h.example.com", 80, {"192.0.2.3", "192.0.2.1", "192.0.2.2", "fe80::1", "2001:db8::1", "0.0.0.0"});
  std::set<ip_address> second_ones;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<ip_address> order = addresses_in_order(e, seed);
    CHECK(order == addresses_in_order(e, seed));
    REQUIRE(order.size() == 4);
    CHECK(order[0] == address_of("2001:db8::1"));
    second_ones.insert(order[1]);
  }
  CHECK(second_ones.size() == 3);
}
