#include "resolver/client/network_monitor.hpp"

#include "support/name_of.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

struct machine {
  network_monitor::time_point now{100h};
  bool tells = true;
  bool has_news = false;
  int looks = 0;
  std::vector<ip_address> addresses{address_of("192.0.2.1")};

  [[nodiscard]] network_monitor monitor() {
    return network_monitor(now, {.open = [this] { return tells; },
                                 .has_news = [this] { return std::exchange(has_news, false); },
                                 .addresses =
                                     [this] {
                                       ++looks;
                                       return addresses;
                                     }});
  }
  [[nodiscard]] bool has_changed(network_monitor& monitor, std::chrono::milliseconds later = 1s) {
    return monitor.has_changed(now += later);
  }
  void move_to(const char* text) {
    addresses = {address_of(text)};
    has_news = true;
  }
};

TEST_CASE("network_monitor: tells each change of addresses once", "[resolver][fault-C15]") {
  machine m;
  network_monitor monitor = m.monitor();
  CHECK_FALSE(m.has_changed(monitor));
  m.move_to("192.0.2.2");
  CHECK(m.has_changed(monitor));
  CHECK_FALSE(m.has_changed(monitor));
  m.move_to("192.0.2.1");
  CHECK(m.has_changed(monitor));
}

TEST_CASE("network_monitor: the same addresses told again are no change", "[resolver][fault-C15]") {
  machine m;
  network_monitor monitor = m.monitor();
  CHECK_FALSE(m.has_changed(monitor));
  m.has_news = true;  // a lifetime was extended
  CHECK_FALSE(m.has_changed(monitor));
}

TEST_CASE("network_monitor: nobody looks at addresses while nothing was told", "[resolver]") {
  machine m;
  network_monitor monitor = m.monitor();
  CHECK_FALSE(m.has_changed(monitor, 999ms));
  CHECK(m.looks == 0);  // a program that queries once
  for (int i = 0; i < 10; ++i) CHECK_FALSE(m.has_changed(monitor));
  CHECK(m.looks == 1);
}

TEST_CASE("network_monitor: asked a thousand times a second it looks once", "[resolver]") {
  machine m;
  network_monitor monitor = m.monitor();
  CHECK_FALSE(m.has_changed(monitor));
  m.move_to("192.0.2.2");
  int changes = 0;
  for (int i = 0; i < 1000; ++i) changes += m.has_changed(monitor, 1ms) ? 1 : 0;
  CHECK(changes == 1);
  CHECK(m.looks == 2);
}

TEST_CASE("network_monitor: where the system tells nothing, nothing changes", "[resolver]") {
  machine m;
  m.tells = false;
  network_monitor monitor = m.monitor();
  m.move_to("192.0.2.2");
  for (int i = 0; i < 3; ++i) CHECK_FALSE(m.has_changed(monitor));
  CHECK(m.looks == 0);
}

TEST_CASE("network_monitor: works on this machine", "[resolver]") {
  const auto now = std::chrono::steady_clock::now();
  network_monitor monitor(now);
  CHECK_FALSE(monitor.has_changed(now + 2s));
  // This test cannot control whether the machine's addresses change meanwhile.
  static_cast<void>(monitor.has_changed(now + 4s));
}

}  // namespace
