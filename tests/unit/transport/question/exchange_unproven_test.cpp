// NODATA without a SOA: a "no", unless another server has a better answer.
#include "support/message_builder.hpp"
#include "support/reply_to.hpp"
#include "unit/transport/exchange_scene.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

TEST_CASE("exchange: an empty answer of the only server is the outcome at once", "[transport][rule-11][fault-O14]") {
  exchange_scene s(1);
  s.start();
  CHECK(s.deliver(s.empty()).is_done());
  CHECK(s.status() == errc::no_data);
  const query_result result = s.decides->take_result();
  CHECK(result.answer.is_unproven);
  CHECK(result.report.server == "s0");
}

TEST_CASE("exchange: after an empty answer every other server has one turn", "[transport][rule-11][fault-O14]") {
  exchange_scene s(2);
  s.start().deliver(s.empty());
  CHECK_FALSE(s.is_done());
  REQUIRE(s.last().server == 1);
  SECTION("and answers") {
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
    CHECK_FALSE(s.decides->take_result().answer.is_unproven);
  }
  SECTION("and is silent") {
    s.expire();
    CHECK(s.is_done());
    CHECK(s.status() == errc::no_data);
    CHECK(s.decides->take_result().answer.is_unproven);
  }
  SECTION("and says that the name does not exist") {
    CHECK(s.deliver(s.code(rcode::nxdomain)).is_done());
    CHECK(s.status() == errc::nxdomain);
  }
}

TEST_CASE("exchange: a late empty answer does not end the turn of the server asked now",
          "[transport][rule-11][fault-O14]") {
  exchange_scene s(2);
  s.start();
  s.expire();
  REQUIRE(s.last().server == 1);
  const octets late = reply_to(s.sent.front().query).bytes();
  s.deliver(late, s.sent.front().attempt);
  CHECK_FALSE(s.is_done());
  CHECK(s.deliver(s.data()).is_done());
  CHECK_FALSE(s.status());
}
