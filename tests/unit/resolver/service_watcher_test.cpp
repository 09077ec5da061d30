// The watcher on an event loop: updates, cancellation, destruction.
#include "sdconnect/resolver/service_watcher.hpp"

#include "unit/transport/asking.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <list>
#include <memory>
#include <optional>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::cancellation_type;

namespace {

// One instance on one host whose address can change.
struct watching : asking {
  unsigned last_octet = 1;
  std::uint32_t ttl = 0;
  bool is_silent = false;
  test::forging_server& server = serve([this](std::span<const std::uint8_t> message, lab::transport) {
    std::vector<test::reply> replies;
    if (is_silent) return replies;
    message_builder reply = reply_to(message);
    switch (type_of(message)) {
      case rr_type::srv:
        reply.answer(qname_of(message), rr_type::srv, ttl, rdata_srv(0, 0, 80, "h.example.com"));
        break;
      case rr_type::a: {
        octets rdata = rdata_a("192.0.2.0");
        rdata[3] = static_cast<std::uint8_t>(last_octet);
        reply.answer(qname_of(message), rr_type::a, ttl, rdata);
        break;
      }
      default: reply.rcode(3); break;
    }
    replies.push_back({.octets = reply.bytes()});
    return replies;
  });
  service_query query = service_query::from_text("v1._x._tcp.example.com").value();
  watch_options how{.min_interval = 10ms};

  error_code ec;
  std::optional<watch_update> update;
  int calls = 0;

  auto receive() {
    return [this](error_code e, watch_update u) {
      ++calls;
      ec = e;
      update = std::move(u);
    };
  }
  void next(service_watcher& of) {
    const int before = calls;
    of.async_next(receive());
    CHECK(calls == before);
    l.until([&] { return calls > before; });
  }
  service_watcher watch() { return {resolver(client()), query, how}; }
};

}  // namespace

TEST_CASE("service watcher: the set at once, then each change", "[resolver][watch][asio]") {
  watching w;
  service_watcher watcher = w.watch();
  CHECK(watcher.current()->endpoints.empty());
  w.next(watcher);
  CHECK_FALSE(w.ec);
  CHECK_FALSE(w.update->status);
  REQUIRE(w.update->events.size() == 1);
  CHECK(w.update->events[0].kind == watch_event_kind::added);
  CHECK(w.update->view == watcher.current());
  CHECK(w.update->view->endpoints.size() == 1);
  for (w.last_octet = 2; w.last_octet < 5; ++w.last_octet) {
    w.next(watcher);
    REQUIRE(w.update->events.size() == 1);
    CHECK(w.update->events[0].addresses_changed);
    CHECK(w.update->events[0].after->addresses == std::vector{ip_address::v4({192, 0, 2, std::uint8_t(w.last_octet)})});
  }
}

TEST_CASE("service watcher: a silent server is told with the reason, and the view stays", "[resolver][watch][asio]") {
  watching w;
  w.query.timeout = 50ms;
  service_watcher watcher = w.watch();
  w.next(watcher);
  w.is_silent = true;
  w.next(watcher);
  REQUIRE_FALSE(w.update->events.empty());
  CHECK(w.update->events[0].kind == watch_event_kind::unknown);
  CHECK(w.update->events[0].reason == errc::query_timed_out);
  CHECK(watcher.current()->endpoints.size() == 1);
}

TEST_CASE("service watcher: every type of cancellation ends a call once, and loses no update",
          "[resolver][watch][asio][fault-X36]") {
  const auto type = GENERATE(cancellation_type::terminal, cancellation_type::partial, cancellation_type::total);
  watching w;
  w.is_silent = true;
  service_watcher watcher = w.watch();
  asio::cancellation_signal signal;
  watcher.async_next(asio::bind_cancellation_slot(signal.slot(), w.receive()));
  w.l.until([&] { return w.server.queries(lab::transport::udp) >= 3; });
  signal.emit(type);
  CHECK(w.calls == 0);
  w.l.until([&] { return w.calls == 1; });
  CHECK(w.ec == asio::error::operation_aborted);
  CHECK(w.update->view);
  signal.emit(type);
  w.is_silent = false;
  w.next(watcher);
  CHECK(w.calls == 2);
  CHECK(w.update->events.at(0).kind == watch_event_kind::added);
}

TEST_CASE("service watcher: a second call fails at once while the first goes on", "[resolver][watch][asio]") {
  watching w;
  w.is_silent = true;
  service_watcher watcher = w.watch();
  asio::cancellation_signal signal, of_second;
  watcher.async_next(asio::bind_cancellation_slot(signal.slot(), w.receive()));
  int seconds = 0;
  error_code ec;
  const auto refused = [&](error_code e, const watch_update& u) {
    ++seconds;
    ec = e;
    CHECK(u.view);
    CHECK(u.events.empty());
  };
  watcher.async_next(asio::bind_cancellation_slot(of_second.slot(), refused));
  CHECK(seconds == 0);
  of_second.emit(asio::cancellation_type::terminal);  // belongs to a call that has ended: does not cancel the first
  w.l.until([&] { return seconds == 1; });
  CHECK(ec == asio::error::already_started);
  CHECK(w.calls == 0);
  SECTION("the first is told") {
    w.is_silent = false;
    w.l.until([&] { return w.calls == 1; });
    CHECK_FALSE(w.ec);
  }
  SECTION("the first is cancelled, and a third waits") {
    signal.emit(asio::cancellation_type::terminal);
    w.is_silent = false;
    w.next(watcher);  // which began before the first completed
    w.l.until([&] { return w.calls == 2; });
    CHECK_FALSE(w.ec);
    CHECK(w.update->events.at(0).kind == watch_event_kind::added);
  }
}

TEST_CASE("service watcher: closing and destroying end everything, also from inside a handler",
          "[resolver][watch][asio][fault-X36]") {
  watching w;
  auto watcher = std::make_unique<service_watcher>(w.watch());
  SECTION("closed while waiting") {
    w.next(*watcher);
    watcher->async_next(w.receive());
    watcher->close();
    w.l.until([&] { return w.calls == 2; });
    CHECK(w.ec == asio::error::operation_aborted);
    w.next(*watcher);
    CHECK(w.ec == asio::error::operation_aborted);
  }
  SECTION("destroyed while a walk is under way") {
    watcher->async_next(w.receive());
    watcher.reset();
    w.l.until([&] { return w.calls == 1; });
    CHECK(w.ec == asio::error::operation_aborted);
  }
  SECTION("destroyed by its handler") {
    bool done = false;
    watcher->async_next([&](error_code, const watch_update& u) {
      watcher.reset();
      done = u.view->endpoints.size() == 1;
    });
    w.l.until([&] { return done; });
  }
  SECTION("replaced") {
    w.next(*watcher);
    *watcher = w.watch();
    w.next(*watcher);
    CHECK(w.update->events.at(0).kind == watch_event_kind::added);
  }
  watcher.reset();
  w.server.close();
  w.l.io.restart();
  w.l.io.run();  // the loop has no more work
}

TEST_CASE("service watcher: a coroutine follows it", "[resolver][watch][asio]") {
  watching w;
  bool done = false;
  const auto run = [&](service_watcher& watcher) -> asio::awaitable<void> {
    auto [ec, update] = co_await watcher.async_next(asio::as_tuple(asio::use_awaitable));
    CHECK_FALSE(ec);
    w.last_octet = 9;
    auto [again, changed] = co_await watcher.async_next(asio::as_tuple(asio::use_awaitable));
    CHECK_FALSE(again);
    CHECK(changed.events.size() == 1);
    done = true;
  };
  service_watcher watcher = w.watch();
  asio::co_spawn(w.l.io, run(watcher), [](const std::exception_ptr& e) { CHECK(e == nullptr); });
  w.l.until([&] { return done; });
}

TEST_CASE("service watcher: a thousand on one name ask its server once", "[resolver][watch][asio][fault-C10]") {
  watching w;
  w.ttl = 60;
  w.how.min_interval = 60s;
  w.query.timeout = 1min;
  const dns_client client = w.client();
  const resolver shared(client);
  std::list<service_watcher> watchers;
  int known = 0;
  for (int i = 0; i < 1000; ++i) {
    watchers.emplace_back(shared, w.query, w.how).async_next([&](error_code ec, const watch_update& update) {
      if (!ec && update.view->endpoints.size() == 1) ++known;
    });
  }
  w.l.until([&] { return known == 1000; });
  CHECK(shared.statistics().queries == 5);  // SRV, PTR, TXT, A, AAAA
  // A datagram is repeated if creating the watchers takes longer than the patience with the server.
  const dns_client_statistics sent = client.statistics();
  CHECK(sent.datagrams_sent + sent.stream_queries - sent.repetitions == 5);
}

TEST_CASE("resolver: copies share one cache, and the story tells what came from it", "[resolver][rfc-check-65]") {
  watching w;
  w.ttl = 60;
  resolver first(w.client());
  resolver copy = first;
  service found;
  const auto resolve = [&](resolver& with) {
    bool done = false;
    with.async_resolve(w.query, [&](error_code ec, service s) {
      CHECK_FALSE(ec);
      found = std::move(s);
      done = true;
    });
    CHECK_FALSE(done);
    w.l.until([&] { return done; });
  };
  resolve(first);
  const auto asked = w.server.queries(lab::transport::udp);
  CHECK(std::ranges::none_of(found.queries, &query_report::from_cache));
  resolve(copy);
  CHECK(found.endpoints.size() == 1);
  // The negative answers for PTR, TXT and AAAA came without SOA and are not cached; SRV and A are.
  CHECK(std::ranges::count(found.queries, true, &query_report::from_cache) == 2);
  CHECK(w.server.queries(lab::transport::udp) == asked + 3);
  CHECK(copy.statistics().hits == 2);
  copy.clear_cache();
  resolve(first);
  CHECK(std::ranges::none_of(found.queries, &query_report::from_cache));
}
