// How the resolver calls back: tokens, executors, cancellation, destruction.
#include "sdconnect/resolver/resolver.hpp"
#include "unit/transport/asking.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <memory>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::cancellation_type;

namespace {

// Answers every SRV query with h.example.com:80, and never answers address queries.
test::forger without_addresses() {
  return [](std::span<const std::uint8_t> query, lab::transport) {
    std::vector<test::reply> replies;
    if (type_of(query) == rr_type::srv) {
      replies.push_back(
          {reply_to(query).answer(qname_of(query), rr_type::srv, 60, rdata_srv(0, 0, 80, "h.example.com")).bytes()});
    }
    return replies;
  };
}

test::forger one_instance() {
  return [srv = without_addresses()](std::span<const std::uint8_t> query, lab::transport over) {
    if (type_of(query) == rr_type::a) return std::vector<test::reply>{{.octets = address_reply(query)}};
    if (type_of(query) != rr_type::srv) return std::vector<test::reply>{{.octets = reply_to(query).rcode(3).bytes()}};
    return srv(query, over);
  };
}

service_query the_query() { return service_query::from_text("v1._x._tcp.example.com").value(); }

}  // namespace

TEST_CASE("resolver: completes through the handler's executor, futures and coroutines included", "[resolver][asio]") {
  asking a;
  a.serve(one_instance());
  resolver with(a.client());
  SECTION("executor") {
    asio::io_context other;
    bool inside = false;
    with.async_resolve(the_query(), asio::bind_executor(other.get_executor(), [&](error_code ec, service) {
                         inside = !ec && other.get_executor().running_in_this_thread();
                       }));
    a.l.until([&] { return other.poll() > 0; });
    CHECK(inside);
  }
  SECTION("future") {
    std::future<service> future = with.async_resolve(the_query(), asio::use_future);
    a.l.until([&] { return future.wait_for(0s) == std::future_status::ready; });
    CHECK(future.get().endpoints.size() == 1);
  }
  SECTION("coroutine") {
    bool done = false;
    const auto run = [&](resolver r) -> asio::awaitable<void> {
      const service_query query = the_query();
      const auto [ec, found] = co_await r.async_resolve(query, asio::as_tuple(asio::use_awaitable));
      CHECK_FALSE(ec);
      const auto [browse_ec, list] = co_await r.async_browse(query.qname, 1000ms, asio::as_tuple(asio::use_awaitable));
      CHECK(browse_ec == errc::nxdomain);
      done = found.endpoints.size() == 1;
    };
    asio::co_spawn(a.l.io, run(with), [](const std::exception_ptr& e) { CHECK(e == nullptr); });
    a.l.until([&] { return done; });
  }
}

TEST_CASE("resolver: every type of cancellation ends a walk at every stage, once, with what was learned",
          "[resolver][asio][fault-X36]") {
  const auto type = GENERATE(cancellation_type::terminal, cancellation_type::partial, cancellation_type::total);
  const int stage = GENERATE(0, 1, 2);
  asking a;
  test::forging_server& server = a.serve(stage == 1 ? is_silent() : without_addresses());
  resolver with(a.client());
  asio::cancellation_signal signal;
  int calls = 0;
  error_code ec;
  service found;
  with.async_resolve(the_query(), asio::bind_cancellation_slot(signal.slot(), [&](error_code e, service s) {
                       ++calls;
                       ec = e;
                       found = std::move(s);
                     }));
  if (stage == 1) a.l.until([&] { return server.queries(lab::transport::udp) >= 3; });
  if (stage == 2) a.l.until([&] { return server.queries(lab::transport::udp) >= 5; });
  signal.emit(type);
  CHECK(calls == 0);
  a.l.until([&] { return calls == 1; });
  CHECK(ec == asio::error::operation_aborted);
  if (stage == 2) CHECK(found.endpoints.size() == 1);
  signal.emit(type);
  a.l.io.poll();
  CHECK(calls == 1);
}

TEST_CASE("resolver: every type of cancellation ends browsing, once", "[resolver][asio][fault-X36]") {
  const auto type = GENERATE(cancellation_type::terminal, cancellation_type::partial, cancellation_type::total);
  asking a;
  a.serve(is_silent());
  resolver with(a.client());
  asio::cancellation_signal signal;
  int calls = 0;
  error_code ec;
  with.async_browse(the_query().qname, 10s,
                    asio::bind_cancellation_slot(signal.slot(), [&](error_code e, browse_result) {
                      ++calls;
                      ec = e;
                    }));
  a.l.io.poll();
  signal.emit(type);
  CHECK(calls == 0);
  a.l.until([&] { return calls == 1; });
  CHECK(ec == asio::error::operation_aborted);
  a.l.io.poll();
  CHECK(calls == 1);
}

TEST_CASE("resolver: the loop may be destroyed under a walk, and a handler may start the next",
          "[resolver][asio][fault-X36]") {
  const auto kept = std::make_shared<int>();
  {
    asking a;
    test::forging_server& server = a.serve(without_addresses());
    resolver with(a.client());
    with.async_resolve(the_query(), [kept](error_code, service) { FAIL("called"); });
    with.async_browse(the_query().qname, 10s, [kept](error_code, browse_result) { FAIL("called"); });
    a.l.until([&] { return server.queries(lab::transport::udp) >= 5; });
  }
  CHECK(kept.use_count() == 1);

  asking a;
  a.serve(one_instance());
  auto with = std::make_unique<resolver>(a.client());
  bool done = false;
  with->async_resolve(the_query(), [&](error_code, service) {
    resolver copy = *with;
    with.reset();
    copy.async_resolve(the_query(), [&](error_code ec, service) { done = !ec; });
  });
  a.l.until([&] { return done; });
}
