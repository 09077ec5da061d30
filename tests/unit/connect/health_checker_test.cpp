#include "sdconnect/connect/health_checker.hpp"

#include "unit/connect/probe_scene.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

struct checking {
  loop l;
  std::shared_ptr<balancer> watched;
  prober with{probe_options()};
  health_checker_options options;
  std::map<std::uint16_t, std::vector<error_code>> probed;  // by port
  std::optional<health_checker> checker;

  checking() {
    balancer_options how;
    how.seed = 1;
    watched = std::make_shared<balancer>(how, clock_type::now());
    options.schedule.interval = 10ms;
    options.schedule.hurried_interval = 5ms;
    options.on_probed = [this](const endpoint& where, error_code ec, const probe_result&) {
      probed[where.port].push_back(ec);
    };
  }

  void set(const std::vector<endpoint>& endpoints) {
    watched->update(endpoints, clock_type::now());
    if (checker) checker->follow();
  }
  void start() { checker.emplace(l.io.get_executor(), watched, with, options, random_engine(1)); }
  [[nodiscard]] endpoint_health health_of(std::uint16_t port) const {
    for (const endpoint_status& status : watched->status()) {
      if (status.where.port == port) return status.health;
    }
    throw std::out_of_range("no such endpoint");
  }
  void until_probed(std::uint16_t port, std::size_t times) {
    l.until([&] { return probed[port].size() >= times; });
  }
};

}  // namespace

TEST_CASE("health checker: an endpoint goes down after three bad probes, and comes back after two good ones",
          "[connect][probe][health]") {
  checking c;
  const listener live(c.l, "127.0.0.11");
  endpoint lives = live.as_endpoint();
  // A port reserved by a socket that does not listen yet.
  boost::asio::ip::tcp::acceptor comes(c.l.io, boost::asio::ip::tcp::v4());
  comes.bind({boost::asio::ip::make_address("127.0.0.13"), 0});
  const endpoint dies = loopback_endpoint(comes.local_endpoint(), "closed.example.com", 0);
  c.set({lives, dies});
  c.start();
  c.until_probed(dies.port, 2);
  CHECK(c.health_of(dies.port).state == health_state::up);
  c.until_probed(dies.port, 3);
  CHECK(c.health_of(dies.port).state == health_state::down);
  CHECK(c.health_of(dies.port).reason == health_reason::probes_failed);
  CHECK(c.health_of(lives.port).state == health_state::up);

  comes.listen();
  const std::size_t bad = c.probed[dies.port].size();
  c.l.until([&] { return std::ranges::count(c.probed[dies.port], error_code()) >= 2; });
  CHECK(c.probed[dies.port].size() >= bad);
  CHECK(c.health_of(dies.port).state == health_state::warming);
}

TEST_CASE("health checker: what attempts took out stays out, whatever probes say", "[connect][probe][fault-B12]") {
  checking c;
  const listener live(c.l, "127.0.0.11"), other(c.l, "127.0.0.12");
  const endpoint e = live.as_endpoint();
  c.set({e});
  for (int i = 0; i < 3; ++i) {
    const auto now = clock_type::now();
    std::optional<endpoint_use> use = c.watched->acquire(now);
    REQUIRE(use);
    use->report(outcome_kind::timed_out, 1s, now);
  }
  REQUIRE(c.health_of(e.port).state == health_state::down);
  c.start();
  c.until_probed(e.port, 5);
  CHECK(std::ranges::all_of(c.probed[e.port], [](error_code ec) { return !ec; }));
  CHECK(c.health_of(e.port).state == health_state::down);
}

TEST_CASE("health checker: the first probes are spread over an interval", "[connect][probe][fault-B9]") {
  checking c;
  c.options.schedule.interval = 1h;
  const listener live(c.l, "127.0.0.11");
  std::vector<endpoint> many;
  for (std::uint16_t i = 1; i <= 200; ++i) {
    many.push_back(live.as_endpoint());
    many.back().target = name::from_text("h" + std::to_string(i) + ".example.com").value();
  }
  c.set(many);
  c.start();
  c.l.io.restart();
  c.l.io.poll();
  // A client that started all of them would have 200 in progress now. The probability that one of
  // 200 random phases within an hour is in the first second is 5 %, and the seed is fixed.
  CHECK(c.probed.empty());
}

TEST_CASE("health checker: follows the set, and ends what is under way of one that left", "[connect][probe][health]") {
  checking c;
  const listener a(c.l, "127.0.0.11"), b(c.l, "127.0.0.12");
  const black_hole hole(c.l);
  const endpoint silent = hole.as_endpoint();
  c.options.timeout = 10s;
  c.set({a.as_endpoint(), silent});
  c.start();
  c.until_probed(a.port(), 3);  // by then the probe of the other endpoint is in progress
  c.set({b.as_endpoint()});
  const std::size_t seen = c.probed[a.port()].size();
  c.until_probed(b.port(), 3);
  CHECK(c.probed[a.port()].size() == seen);
  CHECK(c.probed[silent.port].empty());

  // It returns with an address that answers: the probe of the old address has been cancelled.
  endpoint moved = silent;
  c.set({silent});
  c.l.io.restart();
  for (int i = 0; i < 20; ++i) c.l.io.run_one_for(5ms);
  boost::asio::ip::tcp::acceptor now_here(c.l.io, {boost::asio::ip::make_address("127.0.0.15"), silent.port});
  moved.addresses = {ip_address::v4({127, 0, 0, 15})};
  c.set({moved});
  c.until_probed(silent.port, 1);
  CHECK_FALSE(c.probed[silent.port][0]);
}

TEST_CASE("health checker: sees a new set by itself", "[connect][probe][health]") {
  checking c;
  const listener a(c.l, "127.0.0.11");
  c.start();
  c.watched->update(std::vector{a.as_endpoint()}, clock_type::now());
  c.until_probed(a.port(), 1);
}

TEST_CASE("health checker: endpoints without an address are not probed, equal ones of two tiers once",
          "[connect][probe][health]") {
  checking c;
  c.options.schedule.at_once = 1;
  const listener a(c.l, "127.0.0.11");
  endpoint nowhere = a.as_endpoint();
  nowhere.target = name::from_text("nowhere.example.com").value();
  nowhere.port = 1;
  nowhere.addresses.clear();
  nowhere.unresolved = errc::nxdomain;
  const black_hole hole(c.l);
  c.options.timeout = 10s;
  c.set({a.as_endpoint(0), a.as_endpoint(1), nowhere});
  c.start();
  c.until_probed(a.port(), 4);
  CHECK(c.probed.size() == 1);
}

TEST_CASE("health checker: what fails here at home is not held against an endpoint", "[connect][probe][health]") {
  checking c;
  const listener a(c.l, "127.0.0.11");
  SECTION("a command that cannot be run") {
    c.with = prober({.kind = probe_kind::exec, .command = {"/nonexistent/command"}});
  }
  SECTION("a CA file that is none") {
    const scratch_file nothing("");
    c.with = prober({.kind = probe_kind::tls, .ca_file = nothing.path()});
  }
  c.set({a.as_endpoint()});
  c.start();
  c.until_probed(a.port(), 5);
  CHECK(std::ranges::all_of(c.probed[a.port()], [](error_code ec) { return bool(ec); }));
  CHECK(c.health_of(a.port()).state == health_state::up);
}

TEST_CASE("health checker: a command that says no takes an endpoint out", "[connect][probe][health][exec]") {
  checking c;
  const listener a(c.l, "127.0.0.11");
  c.with = prober({.kind = probe_kind::exec, .command = {"false"}});
  c.set({a.as_endpoint()});
  c.start();
  c.until_probed(a.port(), 3);
  CHECK(c.health_of(a.port()).state == health_state::down);
}

TEST_CASE("health checker: close() ends everything, also from its own handler, and the loop runs out",
          "[connect][probe][asio][fault-X36]") {
  checking c;
  const listener a(c.l, "127.0.0.11");
  const black_hole hole(c.l);
  c.options.timeout = 1h;
  c.set({a.as_endpoint(), hole.as_endpoint()});
  const bool destroys = GENERATE(true, false);
  const auto keep = std::move(c.options.on_probed);
  c.options.on_probed = [&](const endpoint& where, error_code ec, const probe_result& seen) {
    keep(where, ec, seen);
    if (c.probed[a.port()].size() < 3) return;
    if (destroys)
      c.checker.reset();
    else
      c.checker->close();
  };
  c.start();
  c.until_probed(a.port(), 3);
  c.l.io.restart();
  // The black hole never answers its own connects; the checker's probes are cancelled.
  c.l.io.run_for(20ms);
  CHECK(c.probed[a.port()].size() == 3);
  if (!destroys) {
    c.checker->follow();
    health_checker other = std::move(*c.checker);
    c.checker = std::move(other);
  }
}

TEST_CASE("health checker: a probe without a limit is made, and ends", "[connect][probe][fault-O36]") {
  checking c;
  c.options.timeout = std::chrono::milliseconds::max();
  const listener live(c.l, "127.0.0.11");
  const endpoint e = live.as_endpoint();
  c.set({e});
  c.start();
  c.until_probed(e.port, 2);
  CHECK(std::ranges::all_of(c.probed[e.port], [](error_code ec) { return !ec; }));
}
