#include "bench/connect/names.hpp"
#include "bench/connect/parts.hpp"
#include "bench/support/goals.hpp"
#include "bench/support/knot_server.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;
using milliseconds = std::chrono::duration<double, std::milli>;

constexpr auto delay = 20ms;  // of each answer: many times the cost of everything else

// Time from the start until the successful attempt began.
double time_of(const scripted_name_server& names, const char* service) {
  boost::asio::io_context io(1);
  connector with = names.new_connector(io.get_executor(), {});
  milliseconds took{};
  const auto began = std::chrono::steady_clock::now();
  with.async_connect(service_query::from_text(service).value(), [&](error_code ec, connection made) {
    if (ec) throw std::runtime_error(explain_failure(ec, made));
    took = std::chrono::steady_clock::now() - began - made.attempts.back().elapsed;
    io.stop();
  });
  io.run();
  return took.count();
}

// Returns the minimum: threads and timers can be late, never early.
double least_time_of(const scripted_name_server& names, const char* service, std::size_t runs) {
  double least = time_of(names, service);
  for (std::size_t i = 1; i < runs; ++i) least = std::min(least, time_of(names, service));
  return least;
}

double round_trips(const scripted_name_server& names, const char* service, const char* what, std::size_t runs) {
  const double time = least_time_of(names, service, runs);
  std::printf("a new service, %s: %.1f ms\n", what, time);
  return std::round(time / milliseconds(delay).count());
}

}  // namespace

void measure_new(const listener_process& listener, std::size_t runs) {
  const std::uint16_t port = listener.endpoint().port();
  pin_to(side::server);  // the name servers' threads
  const scripted_name_server names(port, delay, false);
  const scripted_name_server without_ipv6(port, delay, true);
  pin_to(side::client);
  (void)time_of(names, bare_service);  // warm-up

  std::printf("\neach answer takes %g ms\n", milliseconds(delay).count());
  const double complete = round_trips(names, complete_service, "both addresses additional", runs);
  const double ipv4 = round_trips(names, ipv4_service, "its only address additional", runs);
  const double bare = round_trips(names, bare_service, "nothing additional", runs);
  const double type = round_trips(names, service_type, "a type, nothing additional", runs);
  print_goal("connect_new_round_trips_additional", complete, "<=", 1);
  print_goal("connect_new_round_trips_ipv4_additional", ipv4, "<=", 2);
  print_goal("connect_new_round_trips", bare, "<=", 2);
  print_goal("connect_new_round_trips_of_type", type, "<=", 3);

  // Rounds to whole ms, because a timer of 50 ms expires slightly later.
  const double silent = least_time_of(without_ipv6, bare_service, runs);
  const double answered = least_time_of(names, bare_service, runs);
  print_goal("connect_new_ms_more_with_silent_ipv6", std::round(silent - answered), "<=", 50);
}

}  // namespace sdconnect::bench
