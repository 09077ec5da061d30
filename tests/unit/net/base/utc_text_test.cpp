#include "net/base/utc_text.hpp"

#include <catch2/catch.hpp>

using sdconnect::detail::utc_text;
using namespace std::chrono_literals;
using moment = std::chrono::system_clock::time_point;

TEST_CASE("utc text: milliseconds, rounded down", "[net]") {
  CHECK(utc_text(moment(0s)) == "1970-01-01T00:00:00.000Z");
  CHECK(utc_text(moment(1795467600s + 7ms + 999us)) == "2026-11-23T21:00:00.007Z");
  CHECK(utc_text(moment(-1ms)) == "1969-12-31T23:59:59.999Z");
}
