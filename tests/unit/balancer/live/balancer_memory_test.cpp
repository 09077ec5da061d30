// What a balancer takes for the largest service.
#include "sdconnect/balancer/balancer.hpp"
#include "support/heap_meter.hpp"
#include "support/largest_list.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

}  // namespace

TEST_CASE("balancer: the largest list of a resolver is shared, and takes 20 MiB besides", "[balancer][fault-O7]") {
  const balancer::time_point now{std::chrono::hours(1)};
  const auto first = std::make_shared<const std::vector<endpoint>>(largest_list("t", 1));
  const auto second = std::make_shared<const std::vector<endpoint>>(largest_list("t", 2));
  const heap_meter meter;
  balancer subject({.seed = 1}, now);
  subject.update(first, now);
  CHECK(&subject.endpoints()->front().where == &first->front());
  subject.update(second, now);
  CHECK(&subject.endpoints()->front().where == &second->front());
  const std::size_t peak = meter.peak();
  CAPTURE(peak / mib);
  if (heap_meter::is_counting()) CHECK(peak <= 20 * mib);
}

TEST_CASE("balancer: a list that is not merged is copied and merged", "[balancer][fault-O7]") {
  const balancer::time_point now{std::chrono::hours(1)};
  endpoint e;
  e.target = name_of("h.example.com");
  e.port = 80;
  e.weight = 3;
  e.addresses = {ip_address::v4({192, 0, 2, 1})};
  const auto twice = std::make_shared<const std::vector<endpoint>>(2, e);
  balancer subject({.seed = 1}, now);
  subject.update(twice, now);
  REQUIRE(subject.endpoints()->size() == 1);
  CHECK(subject.endpoints()->front().where.weight == 6);
}
