#include "net/base/saturating.hpp"

#include "support/catch.hpp"

#include <chrono>

using namespace std::chrono_literals;
using sdconnect::detail::later;
using sdconnect::detail::saturated;
using sdconnect::detail::time_between;
using time_point = std::chrono::steady_clock::time_point;
using std::chrono::nanoseconds;

TEST_CASE("saturating: a duration of max() in any unit leads to the end of time", "[error][fault-O36]") {
  const time_point now{10s};
  CHECK(later(now, std::chrono::milliseconds::max()) == time_point::max());
  CHECK(later(now, std::chrono::hours::max()) == time_point::max());
  CHECK(later(now, nanoseconds::max()) == time_point::max());
  CHECK(later(now, nanoseconds::max() - 10s) == time_point::max());
  CHECK(later(now, nanoseconds::max() - 11s) == time_point::max() - 1s);
}

TEST_CASE("saturating: a duration of min() leads to the beginning of time", "[error][fault-O36]") {
  const time_point before{-10s};
  CHECK(later(before, std::chrono::milliseconds::min()) == time_point::min());
  CHECK(later(before, nanoseconds::min() + 1s) == time_point::min());
  CHECK(later(time_point{10s}, nanoseconds::min()) == time_point::min() + 10s);
}

TEST_CASE("saturating: no limit stays no limit, whatever is added", "[error][fault-O36]") {
  CHECK(later(time_point::max(), -1s) == time_point::max());
  CHECK(later(time_point::max(), 1s) == time_point::max());
  CHECK(later(time_point::min(), 1s) == time_point::min());
}

TEST_CASE("saturating: what fits is added as usual", "[error]") {
  CHECK(later(time_point{10s}, 5ms) == time_point{10s + 5ms});
  CHECK(later(time_point{10s}, -15s) == time_point{-5s});
  CHECK(later(time_point{10s}, std::chrono::duration<unsigned>(3)) == time_point{13s});
  static_assert(later(time_point{1s}, 1s) == time_point{2s});
}

TEST_CASE("saturating: the time until no limit is no limit, and nothing between overflows", "[error][fault-O36]") {
  CHECK(time_between(time_point{10s}, time_point::max()) == nanoseconds::max());
  CHECK(time_between(time_point{-10s}, time_point::max() - 1ns) == nanoseconds::max());
  CHECK(time_between(time_point{10s}, time_point::min()) == nanoseconds::min());
  CHECK(time_between(time_point{10s}, time_point::min() + 1s) == nanoseconds::min());
  CHECK(time_between(time_point{10s}, time_point{12s}) == 2s);
  CHECK(time_between(time_point{12s}, time_point{10s}) == -2s);
}

TEST_CASE("saturating: another unit holds what it can", "[error][fault-O36]") {
  CHECK(saturated<nanoseconds>(std::chrono::seconds::max()) == nanoseconds::max());
  CHECK(saturated<nanoseconds>(std::chrono::seconds::min()) == nanoseconds::min());
  CHECK(saturated<nanoseconds>(std::chrono::duration<std::uint64_t, std::nano>(UINT64_MAX)) == nanoseconds::max());
  CHECK(saturated<nanoseconds>(std::chrono::duration<std::int32_t>(INT32_MAX)) == std::chrono::seconds(INT32_MAX));
  CHECK(saturated<std::chrono::seconds>(1999ms) == 1s);
}
