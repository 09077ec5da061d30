// What a balancer takes for the largest service.
#include "sdconnect/balancer/balancer.hpp"
#include "support/heap_meter.hpp"
#include "support/name_of.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

std::shared_ptr<const std::vector<endpoint>> ten_thousand(std::uint32_t weight) {
  auto all = std::make_shared<std::vector<endpoint>>();
  for (int i = 0; i < 10'000; ++i) {
    endpoint& e = all->emplace_back();
    e.target = name_of(fmt::format("t{:05}.example.com", i));
    e.port = 80;
    e.weight = weight;
    e.addresses = {ip_address::v4({192, 0, 2, 1})};
    e.instances = {name_of("i._x._tcp.example.com")};
  }
  return all;
}

}  // namespace

TEST_CASE("balancer: the largest list of a resolver is shared, and takes 20 MiB besides", "[balancer][fault-O7]") {
  const balancer::time_point now{std::chrono::hours(1)};
  const auto first = ten_thousand(1), second = ten_thousand(2);
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
