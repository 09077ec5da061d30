#include "sdconnect/net/boot_clock.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <ctime>
#include <type_traits>

using namespace sdconnect;

namespace {

boot_clock::time_point read(clockid_t which) {
  timespec t{};
  REQUIRE(::clock_gettime(which, &t) == 0);
  return boot_clock::time_point(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

TEST_CASE("boot_clock: is the time since boot, suspension included", "[cache][rfc-check-65][fault-C14]") {
  const auto before = read(CLOCK_BOOTTIME);
  const auto now = boot_clock::now();
  CHECK(before <= now);
  CHECK(now <= read(CLOCK_BOOTTIME));
}

// The wall clock has another type: code that mixes them does not compile.
TEST_CASE("boot_clock: is steady and no wall clock", "[cache][rfc-check-65][fault-C13]") {
  STATIC_REQUIRE(boot_clock::is_steady);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::chrono::system_clock::time_point, boot_clock::time_point>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::chrono::steady_clock::time_point, boot_clock::time_point>);
  auto last = boot_clock::now();
  for (int i = 0; i < 10'000; ++i) {
    const auto now = boot_clock::now();
    REQUIRE(now >= last);
    last = now;
  }
  // A 64-bit count of nanoseconds: it covers 2038 and 292 years more.
  CHECK(boot_clock::time_point::max() - last > std::chrono::hours(24 * 365 * 200));
}

}  // namespace
