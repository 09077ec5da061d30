#include "transport/engine/deadline_heap.hpp"

#include "unit/transport/scripted_network.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace std::chrono_literals;

namespace {

deadline_heap::time_point at(int seconds) { return deadline_heap::time_point(std::chrono::seconds(seconds)); }

}  // namespace

TEST_CASE("deadline heap: the first is the earliest", "[transport]") {
  deadline_heap heap;
  CHECK(heap.empty());
  heap.set(7, at(3));
  heap.set(2, at(1));
  heap.set(9, at(2));
  CHECK(heap.first().key == 2);
  CHECK(heap.first().when == at(1));
  heap.remove(2);
  CHECK(heap.first().key == 9);
}

TEST_CASE("deadline heap: a deadline can be moved either way", "[transport]") {
  deadline_heap heap;
  heap.set(0, at(1));
  heap.set(1, at(2));
  heap.set(0, at(3));
  CHECK(heap.first().key == 1);
  heap.set(0, at(0));
  CHECK(heap.first().key == 0);
}

TEST_CASE("deadline heap: removing what is not there does nothing", "[transport]") {
  deadline_heap heap;
  heap.remove(5);
  heap.set(1, at(1));
  heap.remove(5);
  heap.remove(0);
  heap.remove(1);
  heap.remove(1);
  CHECK(heap.empty());
}

TEST_CASE("deadline heap: agrees with a sorted map over 20,000 random operations", "[transport]") {
  deadline_heap heap;
  std::map<std::uint32_t, deadline_heap::time_point> model;
  test::seeded_draw draw(1);
  for (int i = 0; i < 20000; ++i) {
    const std::uint32_t key = draw() % 50;
    if (draw() % 3 == 0) {
      heap.remove(key);
      model.erase(key);
    } else {
      const auto when = at(draw() % 1000);
      heap.set(key, when);
      model[key] = when;
    }
    REQUIRE(heap.empty() == model.empty());
    if (model.empty()) continue;
    const auto first = std::ranges::min_element(model, {}, [](const auto& entry) { return entry.second; });
    REQUIRE(heap.first().when == first->second);
    REQUIRE(model.at(heap.first().key) == first->second);
  }
}
