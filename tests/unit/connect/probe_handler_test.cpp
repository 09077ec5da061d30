// How a probe calls back: tokens, executors, cancellation at every step, destruction, descriptors.
#include "unit/connect/probe_scene.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <future>
#include <memory>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::cancellation_type;

namespace {

std::chrono::steady_clock::time_point soon() { return std::chrono::steady_clock::now() + 10s; }

int next_descriptor() {
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(next);
  return next;
}

}  // namespace

TEST_CASE("probe: completes through the handler's executor, futures and coroutines included",
          "[connect][probe][asio]") {
  probing p;
  const listener live(p.l, "127.0.0.11");
  const prober with(p.settings);
  SECTION("executor") {
    asio::io_context other;
    bool inside = false;
    with.async_probe(p.l.io.get_executor(), live.as_endpoint(), soon(),
                     asio::bind_executor(other.get_executor(), [&](error_code ec, const probe_result&) {
                       inside = !ec && other.get_executor().running_in_this_thread();
                     }));
    p.l.until([&] { return other.poll() > 0; });
    CHECK(inside);
  }
  SECTION("future") {
    auto future = with.async_probe(p.l.io.get_executor(), live.as_endpoint(), soon(), asio::use_future);
    p.l.until([&] { return future.wait_for(0s) == std::future_status::ready; });
    CHECK(future.get().address.has_value());
  }
  SECTION("coroutine") {
    bool done = false;
    const auto run = [&](prober by) -> asio::awaitable<void> {
      const endpoint e = live.as_endpoint();
      const auto executor = p.l.io.get_executor();
      const auto deadline = soon();
      const auto [ec, seen] = co_await by.async_probe(executor, e, deadline, asio::as_tuple(asio::use_awaitable));
      done = !ec && seen.address;
    };
    asio::co_spawn(p.l.io, run(with), [](const std::exception_ptr& e) { CHECK(e == nullptr); });
    p.l.until([&] { return done; });
  }
}

TEST_CASE("probe: cancellation is heard at every step, once, and leaves no descriptor behind",
          "[connect][probe][asio][replay][fault-X36][fault-L31]") {
  const auto type = GENERATE(cancellation_type::terminal, cancellation_type::partial, cancellation_type::total);
  const auto kind = GENERATE(probe_kind::tcp, probe_kind::http, probe_kind::tls, probe_kind::exec);
  INFO(to_string(kind));
  loop serving;
  const trust t;
  const black_hole hole(serving);
  const replying_server mute(serving, "", false);
  probing p;
  p.settings = {.kind = kind, .command = {"sleep", "1000"}};
  const bool connects = GENERATE(true, false);
  const endpoint where = connects && kind != probe_kind::tcp ? mute.as_endpoint() : hole.as_endpoint();
  p.l.io.poll();
  // Lets the loop open its own descriptors first.
  { asio::steady_timer warm(p.l.io); }
  const int before = next_descriptor();
  for (int steps = 0; steps < 6; ++steps) {
    INFO("after " << steps << " handlers");
    asio::cancellation_signal signal;
    int calls = 0;
    error_code ec;
    prober(p.settings)
        .async_probe(p.l.io.get_executor(), where, soon(),
                     asio::bind_cancellation_slot(signal.slot(), [&](error_code e, const probe_result&) {
                       ++calls;
                       ec = e;
                     }));
    p.l.io.restart();
    for (int i = 0; i < steps; ++i) p.l.io.poll_one();
    REQUIRE(calls == 0);
    signal.emit(type);
    CHECK(calls == 0);
    p.l.until([&] { return calls == 1; });
    CHECK(ec == asio::error::operation_aborted);
    signal.emit(type);
    p.l.io.restart();
    p.l.io.run();
    CHECK(calls == 1);
    CHECK(next_descriptor() == before);
  }
}

TEST_CASE("probe: the loop may be destroyed while it probes", "[connect][probe][asio][fault-X36]") {
  const auto kind = GENERATE(probe_kind::tcp, probe_kind::http, probe_kind::tls);
  loop serving;
  const replying_server mute(serving, "", false);
  const black_hole hole(serving);
  const auto kept = std::make_shared<int>();
  {
    probing p;
    p.settings.kind = kind;
    const int steps = GENERATE(0, 1, 2, 5);
    prober(p.settings)
        .async_probe(p.l.io.get_executor(), kind == probe_kind::tcp ? hole.as_endpoint() : mute.as_endpoint(), soon(),
                     [kept](error_code, const probe_result&) { FAIL("called"); });
    for (int i = 0; i < steps; ++i) p.l.io.poll_one();
  }
  CHECK(kept.use_count() == 1);
}

TEST_CASE("probe: one prober probes many endpoints side by side", "[connect][probe]") {
  probing p;
  const listener live(p.l, "127.0.0.11");
  const endpoint dead = closed_endpoint(p.l);
  const prober with(p.settings);
  int well = 0, ill = 0;
  for (int i = 0; i < 50; ++i) {
    with.async_probe(p.l.io.get_executor(), i % 2 == 0 ? live.as_endpoint() : dead, soon(),
                     [&](error_code ec, const probe_result&) { ++(ec ? ill : well); });
  }
  p.l.until([&] { return well + ill == 50; });
  CHECK(well == 25);
}
