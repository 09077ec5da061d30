#include "bench/connect/names.hpp"
#include "bench/connect/parts.hpp"
#include "bench/support/allocation_count.hpp"
#include "bench/support/goals.hpp"
#include "bench/support/knot_server.hpp"

#include <boost/asio/io_context.hpp>

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace sdconnect::bench {
namespace {

using boost::asio::ip::tcp;

double cpu_time() {
  ::rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const ::timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

/// Connects and closes `count` times, sequentially.
class bare_asio {
 public:
  explicit bare_asio(tcp::endpoint to) : to_(std::move(to)) {}

  void run(std::size_t count) {
    left_ = count;
    next();
    io_.restart();
    io_.run();
  }

 private:
  void next() {
    socket_ = tcp::socket(io_);
    socket_.async_connect(to_, [this](error_code ec) {
      if (ec) throw std::runtime_error("asio: " + ec.message());
      close_at_once(socket_);
      if (--left_ > 0) next();
    });
  }

  boost::asio::io_context io_{1};
  tcp::socket socket_{io_};
  tcp::endpoint to_;
  std::size_t left_ = 0;
};

class ours {
 public:
  explicit ours(std::uint16_t port)
      : names_(port, {}, false), connector_(names_.new_connector(io_.get_executor(), {})) {
    run(1);
  }

  void run(std::size_t count) {
    left_ = count;
    next();
    io_.restart();
    io_.run();
  }

 private:
  void next() {
    connector_.async_connect(query_, [this](error_code ec, connection made) {
      if (ec) throw std::runtime_error(explain_failure(ec, made));
      close_at_once(made.socket());
      if (--left_ > 0) next();
    });
  }

  scripted_name_server names_;
  boost::asio::io_context io_{1};
  connector connector_;
  service_query query_ = service_query::from_text(ipv4_service).value();
  std::size_t left_ = 0;
};

template <class Side>
double cost(Side& of, std::size_t connects) {
  const double before = cpu_time();
  of.run(connects);
  return (cpu_time() - before) / static_cast<double>(connects);
}

}  // namespace

void compare_known(listener_process& listener, std::size_t rounds, std::size_t connects) {
  pin_to(side::server);  // the name server's thread
  ours with(listener.endpoint().port());
  pin_to(side::client);
  bare_asio without(listener.endpoint());
  with.run(connects);  // warm-up
  without.run(connects);
  std::uint64_t made = 1 + 2 * connects;

  const std::size_t before = allocation_count();
  with.run(connects);
  const auto allocations = static_cast<double>(allocation_count() - before) / static_cast<double>(connects);
  made += connects;

  std::vector<double> costs, least;
  for (std::size_t i = 0; i < rounds; ++i) {
    listener.catch_up(made);
    costs.push_back(cost(with, connects));
    listener.catch_up(made += connects);
    least.push_back(cost(without, connects));
    made += connects;
  }
  listener.catch_up(made);
  std::printf("a known service: connect and close take %.1f us of CPU, Asio's alone %.1f us\n", median(costs),
              median(least));
  print_goal("connect_known_cpu_times_of_asio", median_ratio(costs, least), "<=", 1.25);
  print_goal("connect_known_allocations", std::floor(allocations), "<=", 25);
}

void run_alone(listener_process& listener, std::string_view which, std::size_t connects) {
  pin_to(side::client);
  if (which == "ours") {
    ours(listener.endpoint().port()).run(connects);
  } else {
    bare_asio(listener.endpoint()).run(connects);
  }
}

}  // namespace sdconnect::bench
