// How the client calls back: executors, completion tokens, cancellation, destruction.
#include "unit/transport/asking.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::cancellation_type;

namespace {

dns_client::clock::time_point later() { return dns_client::clock::now() + 10s; }

}  // namespace

TEST_CASE("dns client: completes through the handler's executor and never in the initiating call",
          "[transport][asio]") {
  asking a;
  const bool fails_at_once = GENERATE(false, true);
  if (!fails_at_once) a.serve(answers());
  asio::io_context other;
  bool is_complete = false;
  a.client().async_query(address_question(), later(),
                         asio::bind_executor(other.get_executor(), [&](error_code, query_result) {
                           CHECK(other.get_executor().running_in_this_thread());
                           is_complete = true;
                         }));
  CHECK(other.poll() == 0);
  a.l.until([&] {
    other.restart();
    return other.poll() > 0;
  });
  CHECK(is_complete);
}

TEST_CASE("dns client: the handler's executor has work until the end", "[transport][asio]") {
  asking a;
  a.serve(answers());
  asio::io_context other;
  bool is_complete = false;
  a.client().async_query(
      address_question(), later(),
      asio::bind_executor(other.get_executor(), [&](error_code, query_result) { is_complete = true; }));
  other.poll();
  CHECK_FALSE(other.stopped());
  a.l.until([&] { return other.poll() > 0; });
  CHECK(is_complete);
}

TEST_CASE("dns client: a strand is honoured", "[transport][asio]") {
  asking a;
  a.serve(answers());
  const auto strand = asio::make_strand(a.l.io);
  std::optional<bool> inside;
  a.client().async_query(address_question(), later(), asio::bind_executor(strand, [&](error_code, query_result) {
                           inside = strand.running_in_this_thread();
                         }));
  a.l.until([&] { return inside.has_value(); });
  CHECK(*inside);
}

TEST_CASE("dns client: use_future throws the error and gives the result", "[transport][asio]") {
  asking a;
  bool fails = false;
  SECTION("result") { a.serve(answers(3)); }
  SECTION("error") {
    fails = true;
    a.options.server_sets.clear();
  }
  std::future<query_result> future = a.client().async_query(address_question(), later(), asio::use_future);
  a.l.until([&] { return future.wait_for(0s) == std::future_status::ready; });
  if (fails) {
    CHECK_THROWS_AS(future.get(), boost::system::system_error);
  } else {
    CHECK(future.get().report.record_count == 1);
  }
}

TEST_CASE("dns client: a deferred query asks when it is started, and not before", "[transport][asio]") {
  asking a;
  test::forging_server& server = a.serve(answers());
  auto query = [&] { return a.client().async_query(address_question(), later(), asio::deferred); }();
  a.l.io.poll();
  CHECK(server.queries(lab::transport::udp) == 0);
  bool is_complete = false;
  std::move(query)([&](error_code ec, query_result) { is_complete = !ec; });
  a.l.until([&] { return is_complete; });
}

TEST_CASE("dns client: coroutines, many at once", "[transport][asio]") {
  asking a;
  a.serve(answers());
  dns_client client = a.client();
  int done = 0;
  const auto ask = [&](dns_client with) -> asio::awaitable<void> {
    const question asked = address_question();
    for (int i = 0; i < 3; ++i) {
      const auto [ec, result] = co_await with.async_query(asked, later(), asio::as_tuple(asio::use_awaitable));
      CHECK_FALSE(ec);
      CHECK(result.report.record_count == 1);
    }
    ++done;
  };
  for (int i = 0; i < 10; ++i) asio::co_spawn(a.l.io, ask(client), asio::detached);
  a.l.until([&] { return done == 10; });
}

TEST_CASE("dns client: a handler that throws takes no other's answer with it", "[transport][asio][fault-X36]") {
  asking a;
  a.serve(answers());
  dns_client client = a.client();
  // Replies arrive together and cause queries that leave together.
  constexpr int chains = 100, length = 5;
  int answered = 0, thrown = 0;
  std::function<void(int)> ask = [&](int left) {
    client.async_query(address_question(), later(), [&, left](error_code ec, const query_result&) {
      CHECK_FALSE(ec);
      ++answered;
      if (left > 1) ask(left - 1);
      if (answered % 7 == 0) throw std::runtime_error("a handler's own");
    });
  };
  for (int i = 0; i < chains; ++i) ask(length);
  while (answered < chains * length) {
    try {
      a.l.until([&] { return answered == chains * length; });
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  }
  CHECK(thrown >= chains * length / 7 - 1);
  CHECK(client.statistics().repetitions == 0);
}

TEST_CASE("dns client: every type of cancellation ends a query at every stage, once", "[transport][asio][fault-X36]") {
  const auto type = GENERATE(cancellation_type::terminal, cancellation_type::partial, cancellation_type::total);
  const int stage = GENERATE(range(0, 6));
  INFO("type " << static_cast<int>(type) << ", stage " << stage);
  asking a;
  int tcp_queries = 0;
  test::forger over_tcp = [&](std::span<const std::uint8_t>, lab::transport) {
    ++tcp_queries;
    std::vector<test::reply> part;
    if (stage == 4) part.push_back({.octets = {0, 100, 1}, .without_length = true});
    return part;
  };
  test::forging_server& server = a.serve(stage >= 3 ? truncates(over_tcp) : stage == 5 ? answers() : is_silent());
  if (stage == 2) a.options.max_in_flight = 1;
  dns_client client = a.client();

  asio::cancellation_signal first;
  int others = 0;
  if (stage == 2) {
    client.async_query(address_question(), later(),
                       asio::bind_cancellation_slot(first.slot(), [&](error_code, query_result) { ++others; }));
  }
  asio::cancellation_signal signal;
  int calls = 0;
  outcome out;
  client.async_query(address_question(), later(),
                     asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, query_result result) {
                       ++calls;
                       out = {true, ec, std::move(result)};
                     }));
  switch (stage) {
    case 0: break;                                                                       // just begun
    case 1: a.l.until([&] { return server.queries(lab::transport::udp) == 1; }); break;  // waits for a datagram
    case 2: a.l.until([&] { return server.queries(lab::transport::udp) == 1; }); break;  // in the queue
    case 3: a.l.until([&] { return tcp_queries == 1; }); break;                          // waits for a length
    case 4: a.l.until([&] { return tcp_queries == 1; }), a.l.io.poll(); break;           // waits for the rest
    default: a.l.until([&] { return server.queries(lab::transport::udp) == 1; }), a.l.io.poll();  // connects
  }
  CHECK(calls == 0);
  signal.emit(type);
  CHECK(calls == 0);
  signal.emit(type);
  a.l.until([&] { return out.is_complete; });
  CHECK(out.ec == asio::error::operation_aborted);
  CHECK(out.result.report.status == asio::error::operation_aborted);
  for (const query_attempt& attempt : out.result.report.attempts) CHECK(attempt.result.failed());
  a.l.io.poll();
  CHECK(calls == 1);
  if (stage == 2) {
    first.emit(type);
    a.l.until([&] { return others == 1; });
  }
}

TEST_CASE("dns client: cancellation after the end does nothing", "[transport][asio][fault-X36]") {
  asking a;
  a.serve(answers());
  asio::cancellation_signal signal;
  outcome out;
  a.client().async_query(address_question(), later(),
                         asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, query_result result) {
                           out = {true, ec, std::move(result)};
                           signal.emit(cancellation_type::terminal);
                         }));
  a.l.until([&] { return out.is_complete; });
  CHECK_FALSE(out.ec);
  signal.emit(cancellation_type::terminal);
}

TEST_CASE("dns client: a handler may destroy the client and ask again", "[transport][asio][fault-X36]") {
  asking a;
  a.serve(answers());
  auto client = std::make_unique<dns_client>(a.client());
  bool is_complete = false;
  client->async_query(address_question(), later(), [&](error_code, query_result) {
    dns_client copy = *client;
    client.reset();
    copy.async_query(address_question(), later(), [&](error_code ec, query_result) { is_complete = !ec; });
  });
  a.l.until([&] { return is_complete; });
}

TEST_CASE("dns client: the loop may be destroyed with queries under way at every stage",
          "[transport][asio][fault-X36]") {
  const int stage = GENERATE(range(0, 4));
  const auto kept = std::make_shared<int>();
  {
    asking a;
    test::forging_server& server = a.serve(stage == 2 ? truncates(is_silent()) : is_silent());
    if (stage == 3) a.options.max_in_flight = 1;
    dns_client client = a.client();
    for (int i = 0; i < 3; ++i)
      client.async_query(address_question(), later(), [kept](error_code, query_result) { FAIL("called"); });
    if (stage == 1) a.l.until([&] { return server.queries(lab::transport::udp) == 3; });
    if (stage == 2) a.l.until([&] { return server.queries(lab::transport::tcp) == 3; });
  }
  CHECK(kept.use_count() == 1);
}
