// A program that uses the library like a long-running service: it watches a service, connects to it
// in a loop, and prints what it observes, one JSON object per line, until its standard input ends.
//
//   outage_client SERVER NAME WATCHERS CONNECT_EVERY_MS MIN_INTERVAL_MS
//
// All watchers and the connector share one resolver. With CONNECT_EVERY_MS 0 it does not connect.
// "time" is CLOCK_MONOTONIC in seconds.
#include "observed_client.hpp"
#include <sdconnect/connect/connector.hpp>
#include <sdconnect/resolver/service_watcher.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdio>
#include <deque>
#include <string>
#include <string_view>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using observed::client_of;
using observed::seconds;
using observed::stop_at_end_of_input;
using observed::tell;
using observed::tuple;
using std::chrono::steady_clock;

json::value text_or_null(sdconnect::error_code ec) { return ec ? json::value(ec.message()) : json::value(nullptr); }

std::string_view to_text(sdconnect::watch_event_kind kind) {
  switch (kind) {
    case sdconnect::watch_event_kind::added: return "added";
    case sdconnect::watch_event_kind::removed: return "removed";
    case sdconnect::watch_event_kind::changed: return "changed";
    case sdconnect::watch_event_kind::txt_changed: return "txt_changed";
    case sdconnect::watch_event_kind::unknown: return "unknown";
    case sdconnect::watch_event_kind::stale: return "stale";
    case sdconnect::watch_event_kind::recovered: return "recovered";
  }
  return {};
}

void tell_update(std::size_t watcher, const sdconnect::watch_update& update) {
  json::array events, endpoints;
  sdconnect::error_code reason;
  for (const sdconnect::watch_event& event : update.events) {
    events.emplace_back(to_text(event.kind));
    if (event.reason) reason = event.reason;
  }
  for (const sdconnect::endpoint& e : update.view->endpoints) {
    endpoints.emplace_back(e.target.to_text() + ':' + std::to_string(e.port));
  }
  tell({{"what", "view"},
        {"watcher", watcher},
        {"events", std::move(events)},
        {"endpoints", std::move(endpoints)},
        {"stale", update.view->stale},
        {"reason", text_or_null(reason)},
        {"status", text_or_null(update.status)}});
}

asio::awaitable<void> follow(sdconnect::service_watcher& watcher, std::size_t number) {
  for (;;) {
    auto [ec, update] = co_await watcher.async_next(tuple);
    if (ec) co_return;
    tell_update(number, update);
  }
}

asio::awaitable<void> connect_in_a_loop(sdconnect::connector& connector, const sdconnect::service_query& query,
                                        std::chrono::milliseconds pause) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    const auto began = steady_clock::now();
    auto [ec, made] = co_await connector.async_connect(query, tuple);
    const double took = seconds(steady_clock::now() - began);
    tell({{"what", "connect"},
          {"error", ec ? json::value(sdconnect::explain_failure(ec, made)) : json::value(nullptr)},
          {"target", made.where.target.to_text()},
          {"stale", made.found->stale},
          {"seconds", took}});
    timer.expires_after(pause);
    co_await timer.async_wait(tuple);
  }
}

void run(char** arguments) {
  const sdconnect::service_query query = sdconnect::service_query::from_text(arguments[2]).value();
  const std::size_t watcher_count = std::stoul(arguments[3]);
  const std::chrono::milliseconds connect_every(std::stol(arguments[4]));
  sdconnect::watch_options options;
  options.min_interval = std::chrono::milliseconds(std::stol(arguments[5]));

  asio::io_context io(1);
  const sdconnect::resolver resolver(client_of(io, arguments[1]));
  sdconnect::connector connector(resolver);
  std::deque<sdconnect::service_watcher> watchers;
  for (std::size_t i = 0; i < watcher_count; ++i) {
    watchers.emplace_back(resolver, query, options);
    co_spawn(io, follow(watchers.back(), i), asio::detached);
  }
  if (connect_every.count() > 0) co_spawn(io, connect_in_a_loop(connector, query, connect_every), asio::detached);
  co_spawn(io, stop_at_end_of_input(io), asio::detached);
  io.run();

  const sdconnect::resolver_statistics counted = resolver.statistics();
  tell({{"what", "statistics"},
        {"hits", counted.hits},
        {"stale_hits", counted.stale_hits},
        {"misses", counted.misses},
        {"coalesced", counted.coalesced},
        {"queries", counted.queries},
        {"failures", counted.failures}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: outage_client SERVER NAME WATCHERS CONNECT_EVERY_MS MIN_INTERVAL_MS\n", stderr);
    return 64;
  }
  try {
    run(argv);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "outage_client: %s\n", failed.what());
    return 1;
  }
}
