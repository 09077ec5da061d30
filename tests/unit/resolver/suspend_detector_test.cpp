#include "resolver/client/suspend_detector.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace std::chrono_literals;

namespace {

/// Both clocks of a machine.
struct machine {
  suspend_detector::steady_time steady{100h};
  suspend_detector::boot_time boot{107h};  // it has slept before

  void run(std::chrono::nanoseconds time) {
    steady += time;
    boot += time;
  }
  void sleep(std::chrono::nanoseconds time) { boot += time; }
};

TEST_CASE("suspend_detector: tells a suspension once, and how long it was", "[resolver][fault-C14]") {
  machine m;
  suspend_detector detector(m.steady, m.boot);
  CHECK(detector.on_time(m.steady, m.boot) == 0s);
  m.run(10s);
  m.sleep(1h);
  m.run(3s);
  CHECK(detector.on_time(m.steady, m.boot) == 1h);
  CHECK(detector.on_time(m.steady, m.boot) == 0s);
  m.run(24h);
  CHECK(detector.on_time(m.steady, m.boot) == 0s);
  m.sleep(2s);
  CHECK(detector.on_time(m.steady, m.boot) == 2s);
}

TEST_CASE("suspend_detector: a second is none, many short ones are", "[resolver][fault-C14]") {
  machine m;
  suspend_detector detector(m.steady, m.boot);
  m.sleep(1s);
  CHECK(detector.on_time(m.steady, m.boot) == 0s);
  m.sleep(1ns);
  CHECK(detector.on_time(m.steady, m.boot) == 1s + 1ns);
  for (int i = 0; i < 3; ++i) {
    m.run(1min);
    m.sleep(300ms);
    CHECK(detector.on_time(m.steady, m.boot) == 0s);
  }
  m.sleep(300ms);
  CHECK(detector.on_time(m.steady, m.boot) == 1200ms);
}

TEST_CASE("suspend_detector: clocks read a moment apart are no suspension", "[resolver][fault-C14]") {
  machine m;
  suspend_detector detector(m.steady, m.boot);
  for (int i = 0; i < 1000; ++i) {
    m.run(1h);
    CHECK(detector.on_time(m.steady, m.boot + (i % 2) * 900ms) == 0s);  // delayed before reading the second clock
    CHECK(detector.on_time(m.steady + (i % 3) * 1500ms, m.boot) == 0s);
  }
}

TEST_CASE("suspend_detector: the clocks of this machine agree while it is awake", "[resolver][fault-C14]") {
  // In this order, a delay between the two readings makes the difference look smaller.
  const auto steady = std::chrono::steady_clock::now();
  suspend_detector detector(steady, boot_clock::now());
  for (int i = 0; i < 1000; ++i) {
    const auto boot = boot_clock::now();
    CHECK(detector.on_time(std::chrono::steady_clock::now(), boot) == 0s);
  }
}

}  // namespace
