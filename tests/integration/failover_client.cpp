// Connects to a service as many clients do, and prints the result of each connect, one JSON object
// per line.
//
//   failover_client SERVER NAME fresh COUNT
//       COUNT clients without any knowledge, all at once; then it ends
//   failover_client SERVER NAME steady PER_S [BASE_EJECTION_MS]
//       one client that connects PER_S times a second until its standard input ends, and prints the
//       state of the endpoints ten times a second
//
// Closes every connection at once. "began" is CLOCK_MONOTONIC in seconds. The DNS answer is in the
// cache before the first connect.
#include "observed_client.hpp"
#include <sdconnect/connect/connector.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using observed::client_of;
using observed::seconds;
using observed::stop_at_end_of_input;
using observed::tell;
using observed::tuple;
using clock_type = std::chrono::steady_clock;

void tell_connect(clock_type::time_point began, sdconnect::error_code ec, const sdconnect::connection& made) {
  const auto now = clock_type::now();
  tell({{"what", "connect"},
        {"began", seconds(began.time_since_epoch())},
        {"seconds", seconds(now - began)},
        {"error", ec ? json::value(sdconnect::explain_failure(ec, made)) : json::value(nullptr)},
        {"port", made.where.port},
        {"attempts", made.attempts.size()}});
}

asio::awaitable<void> connect(sdconnect::connector with, sdconnect::service_query query) {
  const auto began = clock_type::now();
  auto [ec, made] = co_await with.async_connect(query, tuple);
  tell_connect(began, ec, made);
}

void tell_status(const sdconnect::connector& with) {
  json::array endpoints;
  for (const sdconnect::service_status& service : with.status()) {
    for (const sdconnect::endpoint_status& e : service.endpoints) {
      endpoints.push_back({{"port", e.where.port},
                           {"state", to_string(e.health.state)},
                           {"reason", to_string(e.health.reason)},
                           {"picks", e.stats.picks}});
    }
  }
  tell({{"what", "status"}, {"endpoints", std::move(endpoints)}});
}

// Connects at the times of an ideal clock: after a delay on a busy machine it catches up.
asio::awaitable<void> connect_steadily(sdconnect::connector with, sdconnect::service_query query, int per_s) {
  asio::steady_timer timer(co_await asio::this_coro::executor, clock_type::now());
  for (int i = 0;; ++i) {
    if (i % std::max(1, per_s / 10) == 0) tell_status(with);
    co_spawn(timer.get_executor(), connect(with, query), asio::detached);
    timer.expires_at(timer.expiry() + std::chrono::nanoseconds(1'000'000'000 / per_s));
    co_await timer.async_wait(tuple);
  }
}

// Measures the delay of this program's own timers while other work is left.
asio::awaitable<void> measure_lateness(clock_type::duration& worst, const int& left) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (left > 0) {
    timer.expires_after(std::chrono::milliseconds(5));
    co_await timer.async_wait(tuple);
    worst = std::max(worst, clock_type::now() - timer.expiry());
  }
}

void run(int count, char** arguments) {
  sdconnect::service_query query = sdconnect::service_query::from_text(arguments[2]).value();
  query.want_txt = false;
  const std::string_view mode = arguments[3];
  const int number = std::stoi(arguments[4]);
  sdconnect::connector_options options;
  if (count > 5) options.balancing.health.base_ejection = std::chrono::milliseconds(std::stoi(arguments[5]));
  options.balancing.health.slow_start = std::chrono::seconds(1);

  asio::io_context io(1);
  const sdconnect::resolver resolver(client_of(io, arguments[1]));
  sdconnect::resolver(resolver).async_resolve(query, [](sdconnect::error_code ec, const sdconnect::service&) {
    if (ec) throw boost::system::system_error(ec, "resolving");
  });
  io.run();
  io.restart();

  if (mode == "fresh") {
    int left = number;
    clock_type::duration lateness{};
    for (int i = 0; i < number; ++i) {
      co_spawn(io, connect(sdconnect::connector(resolver, options), query), [&left](std::exception_ptr) { --left; });
    }
    co_spawn(io, measure_lateness(lateness, left), asio::detached);
    io.run();
    tell({{"what", "lateness"}, {"seconds", seconds(lateness)}});
    return;
  }
  co_spawn(io, connect_steadily(sdconnect::connector(resolver, options), query, number), asio::detached);
  co_spawn(io, stop_at_end_of_input(io), asio::detached);
  io.run();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("usage: failover_client SERVER NAME fresh COUNT | steady PER_S [BASE_EJECTION_MS]\n", stderr);
    return 64;
  }
  try {
    run(argc, argv);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "failover_client: %s\n", failed.what());
    return 1;
  }
}
