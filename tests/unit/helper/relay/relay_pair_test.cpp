#include "helper/relay/relay_pair.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace sdconnect;
using namespace sdconnect::helper;
using action = relay_pair::action;

namespace {

const error_code reset(ECONNRESET, boost::system::system_category());
const error_code broken(EPIPE, boost::system::system_category());

action shutdown_of(relay_side side) {
  return side == relay_side::client ? action::shut_down_client : action::shut_down_backend;
}

}  // namespace

TEST_CASE("relay_pair: each side ends by itself, after its octets", "[helper][relay][fault-L14]") {
  const relay_side first = GENERATE(relay_side::client, relay_side::backend);
  const relay_side last = other(first);
  relay_pair pair;
  REQUIRE(pair.next() == action::wait);
  pair.from(first).on_read(10);
  CHECK_FALSE(pair.from(first).can_read());
  pair.from(first).on_written(4);
  REQUIRE(pair.next() == action::wait);
  pair.from(first).on_written(6);
  pair.from(first).on_read(0);
  REQUIRE(pair.next() == shutdown_of(last));
  REQUIRE(pair.next() == action::wait);
  CHECK_FALSE(pair.from(first).can_read());
  REQUIRE(pair.from(last).can_read());
  pair.from(last).on_read(3);
  pair.from(last).on_written(3);
  pair.from(last).on_read(0);
  REQUIRE(pair.next() == action::finish);
  CHECK_FALSE(pair.has_failed());
  CHECK(pair.ended_first() == first);
  CHECK(pair.from(first).total == 10);
  CHECK(pair.from(last).total == 3);
}

TEST_CASE("relay_pair: what a side delivered before it failed still goes on", "[helper][relay][fault-L15]") {
  const relay_side side = GENERATE(relay_side::client, relay_side::backend);
  const bool by_reading = GENERATE(true, false);
  relay_pair pair;
  pair.from(side).on_read(10);
  pair.from(other(side)).on_read(5);
  pair.on_write_failed(side, reset);
  CHECK_FALSE(pair.from(other(side)).can_write());
  CHECK_FALSE(pair.from(other(side)).can_read());
  REQUIRE(pair.next() == action::wait);
  pair.from(side).on_written(10);
  REQUIRE(pair.from(side).can_read());
  if (by_reading)
    pair.on_read_failed(side, broken);
  else
    pair.from(side).on_read(0);
  REQUIRE(pair.next() == action::finish);
  CHECK(pair.error() == reset);
  CHECK(pair.ended_first() == side);
  CHECK(pair.from(side).total == 10);
}

TEST_CASE("relay_pair: a side that fails after its end", "[helper][relay][fault-L15]") {
  const relay_side side = GENERATE(relay_side::client, relay_side::backend);
  const error_code why = GENERATE(error_code(), reset);
  relay_pair pair;
  pair.from(side).on_read(0);
  REQUIRE(pair.next() == shutdown_of(other(side)));
  pair.from(other(side)).on_read(7);
  pair.on_gone(side, why);
  REQUIRE(pair.next() == action::finish);
  CHECK(pair.error() == why);
  CHECK(pair.ended_first() == side);
}

TEST_CASE("relay_pair: whatever happens, it comes to an end and treats both sides alike",
          "[helper][relay][fault-L14]") {
  std::minstd_rand random(20260101);
  for (int run = 0; run < 2000; ++run) {
    relay_pair pair, mirrored;
    const auto do_both = [&](relay_side side, auto what) {
      what(pair, side);
      what(mirrored, other(side));
    };
    bool is_over = false;
    for (int step = 0; step < 200 && !is_over; ++step) {
      const auto side = static_cast<relay_side>(random() % 2);
      const std::size_t octets = random() % 3;
      if (pair.from(side).can_write()) {
        if (random() % 8 == 0) {
          do_both(side, [](relay_pair& p, relay_side s) { p.on_write_failed(other(s), broken); });
        } else {
          const std::size_t written = std::min(octets, pair.from(side).pending);
          do_both(side, [&](relay_pair& p, relay_side s) { p.from(s).on_written(written); });
        }
      } else if (pair.from(side).can_read()) {
        if (random() % 8 == 0)
          do_both(side, [](relay_pair& p, relay_side s) { p.on_read_failed(s, reset); });
        else
          do_both(side, [&](relay_pair& p, relay_side s) { p.from(s).on_read(octets); });
      }
      for (action next = action::wait; !is_over;) {
        // The client is served first, so the order of two shutdowns differs, but not their number.
        next = pair.next();
        const action of_mirrored = mirrored.next();
        REQUIRE((next == action::wait) == (of_mirrored == action::wait));
        REQUIRE((next == action::finish) == (of_mirrored == action::finish));
        is_over = next == action::finish;
        if (next == action::wait) break;
      }
    }
    INFO("run " << run);
    REQUIRE(is_over);
    REQUIRE(pair.error() == mirrored.error());
  }
}
