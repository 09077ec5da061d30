// Events between two views of the largest service.
#include "resolver/view/view_difference.hpp"

#include "support/heap_meter.hpp"
#include "support/largest_list.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string_view>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

std::shared_ptr<const service> view_of(std::string_view prefix, std::uint32_t weight) {
  auto view = std::make_shared<service>();
  view->endpoints = largest_list(prefix, weight);
  return view;
}

}  // namespace

TEST_CASE("watch: events share the endpoints of the views", "[resolver][fault-O7]") {
  const auto before = view_of("a", 1);
  const bool is_other = GENERATE(false, true);
  const auto after = view_of(is_other ? "b" : "a", 2);
  const heap_meter meter;
  const std::vector<watch_event> events = differences(before, after);
  const std::size_t peak = meter.peak();
  CAPTURE(peak);
  if (heap_meter::is_counting()) CHECK(peak <= std::size_t{8} << 20);
  REQUIRE(events.size() == (is_other ? 20'000 : 10'000));
  CHECK(events.front().before.get() == &before->endpoints.front());
  CHECK(events.back().after->weight == 2);
}
