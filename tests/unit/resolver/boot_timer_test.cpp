#include "resolver/client/boot_timer.hpp"

#include "sdconnect/net/error.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <optional>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace std::chrono_literals;

namespace {

using traits = boot_timer::traits_type;
// Like boot_timer, with more and shorter waits.
using impatient_timer = boost::asio::basic_waitable_timer<boot_clock, boot_wait_traits<2>>;

TEST_CASE("boot_timer: no wait on the clock that stands still is longer than a second", "[resolver][fault-C14]") {
  CHECK(traits::to_wait_duration(1h) == 1s);
  CHECK(traits::to_wait_duration(boot_clock::duration::max()) == 1s);
  CHECK(traits::to_wait_duration(20ms) == 20ms);
  CHECK(traits::to_wait_duration(boot_clock::time_point::max()) == 1s);
  CHECK(traits::to_wait_duration(boot_clock::time_point::min()) == 0s);
  CHECK(traits::to_wait_duration(boot_clock::now() + 1h) == 1s);
  CHECK(traits::to_wait_duration(boot_clock::now() + 500ms) <= 500ms);
}

TEST_CASE("boot_timer: expires by the clock since boot, not before", "[resolver]") {
  boost::asio::io_context io;
  boot_timer timer(io);
  const auto due = boot_clock::now() + 20ms;
  timer.expires_at(due);
  std::optional<boot_clock::time_point> fired;
  timer.async_wait([&](error_code ec) {
    CHECK_FALSE(ec);
    fired = boot_clock::now();
  });
  io.run();
  REQUIRE(fired);
  CHECK(*fired >= due);
}

TEST_CASE("boot_timer: waits beyond the longest single one, and can be cancelled meanwhile", "[resolver][fault-C14]") {
  boost::asio::io_context io;
  impatient_timer longer(io, 30ms), never(io, 24h);
  const auto due = longer.expiry();
  std::optional<boot_clock::time_point> fired;
  error_code cancelled;
  longer.async_wait([&](error_code ec) {
    CHECK_FALSE(ec);
    fired = boot_clock::now();
    never.cancel();
  });
  never.async_wait([&](error_code ec) { cancelled = ec; });
  io.run();
  REQUIRE(fired);
  CHECK(*fired >= due);
  CHECK(cancelled == boost::asio::error::operation_aborted);
}

}  // namespace
