#include "bench/connect/parts.hpp"
#include "bench/support/goals.hpp"
#include "bench/support/knot_server.hpp"
#include "sdconnect/connect/connector.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using clock = std::chrono::steady_clock;

constexpr auto pause = 5ms;  // between connects: 200/s

/// In ms, in the order in which the connects ended.
struct latencies {
  // asio: Asio's own connects to the address at the same times, which show the noise of the
  // machine.
  std::vector<double> ours, asio;
  std::size_t failures = 0;
  std::size_t stale = 0;
};

double since(clock::time_point began) {
  return std::chrono::duration<double, std::milli>(clock::now() - began).count();
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

class steady_client {
 public:
  steady_client(boost::asio::io_context& io, const knot_server& names, tcp::endpoint literal)
      : io_(io),
        connector_(resolver::from_servers(io.get_executor(), "127.0.0.1#" + std::to_string(names.port()))),
        query_(service_query::from_text(names.names().front()).value()),
        literal_(std::move(literal)),
        beat_(io, clock::now()) {}

  latencies run_for(clock::duration time) {
    found_ = {};
    end_ = clock::now() + time;
    beat_.expires_at(clock::now());
    next();
    io_.restart();
    io_.run_until(end_ + 5s);
    return std::move(found_);
  }

 private:
  void next() {
    beat_.async_wait([this](error_code) {
      connect();
      connect_literally();
      beat_.expires_at(beat_.expiry() + pause);
      if (beat_.expiry() < end_) return next();
      end_is_near();
    });
  }

  void connect() {
    ++under_way_;
    connector_.async_connect(query_, [this, began = clock::now()](error_code ec, connection made) {
      found_.ours.push_back(since(began));
      found_.stale += made.found->stale ? 1 : 0;
      if (ec) ++found_.failures;
      if (!ec) close_at_once(made.socket());
      if (ec) std::fprintf(stderr, "%s\n", explain_failure(ec, made).c_str());
      --under_way_;
      end_is_near();
    });
  }

  void connect_literally() {
    ++under_way_;
    const auto socket = std::make_shared<tcp::socket>(io_);
    socket->async_connect(literal_, [this, socket, began = clock::now()](error_code ec) {
      found_.asio.push_back(since(began));
      if (!ec) close_at_once(*socket);
      --under_way_;
      end_is_near();
    });
  }

  void end_is_near() {
    if (beat_.expiry() >= end_ && under_way_ == 0) io_.stop();  // queries may stay pending for long
  }

  boost::asio::io_context& io_;
  connector connector_;
  service_query query_;
  tcp::endpoint literal_;
  boost::asio::steady_timer beat_;
  clock::time_point end_;
  std::size_t under_way_ = 0;
  latencies found_;
};

void connect_after(int signal, const char* what, const listener_process& listener, const silence& with) {
  const std::string ttl = std::to_string(with.ttl.count());
  const knot_server names("_known._tcp.bench.example.", "_known._tcp " + ttl + " SRV 0 1 " +
                                                            std::to_string(listener.endpoint().port()) +
                                                            " host\nhost " + ttl + " A 127.0.0.1\n");
  boost::asio::io_context io(1);
  steady_client client(io, names, listener.endpoint());
  (void)client.run_for(with.ttl + 1s);  // the service is known, and was refreshed
  names.send_signal(signal);
  const latencies found = client.run_for(with.lasts);

  std::printf("%-12s%10zu%10zu", what, found.ours.size(), found.stale);
  for (const std::vector<double>* each : {&found.ours, &found.asio}) {
    std::printf("%12.3f%8.3f%8.3f", quantile(*each, 0.5), quantile(*each, 0.99), quantile(*each, 1));
  }
  std::printf("\n");
  const std::string name = std::string("connect_") + what;
  print_goal(name + "_p99_ms", quantile(found.ours, 0.99), "<=", 5);
  print_goal(name + "_failures", static_cast<double>(found.failures), "<=", 0);
}

}  // namespace

void connect_in_silence(const listener_process& listener, const silence& with) {
  pin_to(side::client);
  std::printf("\n%zu s without DNS, a TTL of %zu s, 200 connects/s\n", static_cast<std::size_t>(with.lasts.count()),
              static_cast<std::size_t>(with.ttl.count()));
  std::printf("%-12s%10s%10s%12s%8s%8s%12s%8s%8s\n", "name server", "connects", "stale", "ms: p50", "p99", "max",
              "Asio's: p50", "p99", "max");
  connect_after(SIGSTOP, "silent", listener, with);
  connect_after(SIGTERM, "gone", listener, with);
}

}  // namespace sdconnect::bench
