#include "bench/resolve/safety.hpp"

#include "bench/resolve/observer.hpp"
#include "bench/resolve/responder.hpp"
#include "sdconnect/transport/dns_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;

// The lowest port that the client draws.
constexpr std::uint32_t first_port = 1024;

/// Probability that a uniform source is at least as uneven. Uses Wilson and Hilferty's
/// approximation, which is good to three digits with hundreds of cells.
double chi_square_p(const std::vector<std::uint32_t>& counts) {
  double total = 0;
  for (const std::uint32_t count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  double statistic = 0;
  for (const std::uint32_t count : counts) statistic += std::pow(count - expected, 2) / expected;
  const double df = static_cast<double>(counts.size()) - 1;
  const double z = (std::cbrt(statistic / df) - (1 - 2 / (9 * df))) / std::sqrt(2 / (9 * df));
  return std::erfc(z / std::sqrt(2)) / 2;
}

/// Tests values below `limit` twice, by their upper and by their lower part, in `cells` cells each
/// (a divisor of `limit`).
double uniformity(const std::vector<std::uint16_t>& values, std::uint32_t first, std::uint32_t limit,
                  std::uint32_t cells) {
  std::vector<std::uint32_t> upper(cells);
  std::vector<std::uint32_t> lower(cells);
  for (const std::uint16_t value : values) {
    ++upper[(value - first) / (limit / cells)];
    ++lower[(value - first) % cells];
  }
  return std::min(1.0, 2 * std::min(chi_square_p(upper), chi_square_p(lower)));  // corrects for two tests
}

/// Sends the same A query repeatedly.
class repeating_asker {
 public:
  repeating_asker(boost::asio::io_context& io, std::uint16_t port) : client_(io.get_executor(), options_for(port)) {}

  void start(std::size_t count, std::size_t in_flight) {
    left_ += count;
    for (std::size_t i = 0; i < in_flight; ++i) ask_next(true);
  }
  void ask_one() {
    ++left_;
    ask_next(false);
  }
  /// Keeps one query pending; without one, the client closes its sockets.
  void ask_in_vain(std::chrono::milliseconds duration) {
    const question silent{name::from_text("silent.bench.example.").value(), rr_type::a};
    client_.async_query(silent, dns_client::clock::now() + duration, [](error_code, const query_result&) {});
  }

  std::size_t answered = 0;
  std::size_t accepted = 0;  // false answers

 private:
  static dns_client_options options_for(std::uint16_t port) {
    const auto server = name_server::at({ip_address::from_text("127.0.0.1").value(), port});
    return {.server_sets = {{name(), {server}}}};
  }

  void ask_next(bool goes_on) {
    if (left_ == 0) return;
    --left_;
    client_.async_query(asked_, dns_client::clock::now() + 5s, [this, goes_on](error_code, const query_result& result) {
      const auto* const found = std::get_if<std::vector<ip_address>>(&result.answer.records);
      if (found != nullptr && !found->empty()) ++(found->front() == true_address_ ? answered : accepted);
      if (goes_on) ask_next(true);
    });
  }

  dns_client client_;
  question asked_{name::from_text("flood.bench.example.").value(), rr_type::a};
  ip_address true_address_ = ip_address::from_text("1.1.1.1").value();
  std::size_t left_ = 0;
};

}  // namespace

unpredictability observe_unpredictability(std::size_t queries, std::chrono::milliseconds slow) {
  responder server(0);
  const socket_observer seen;
  boost::asio::io_context io(1);
  repeating_asker asker(io, server.port());
  asker.start(queries, 100);
  io.run();

  constexpr auto pause = 5ms;
  asker.ask_in_vain(slow);
  boost::asio::steady_timer timer(io);
  std::function<void()> tick = [&] {
    if ((slow -= pause) < 0ms) return;
    asker.ask_one();
    asker.ask_one();
    timer.expires_after(pause);
    timer.async_wait([&](error_code) { tick(); });
  };
  tick();
  io.restart();
  io.run();

  unpredictability out;
  out.queries = seen.ids().size();
  out.ports = seen.sockets().size();
  out.id_p = uniformity(seen.ids(), 0, 65536, 1024);
  std::vector<std::uint16_t> ports;
  for (const socket_observer::socket_life& each : seen.sockets()) {
    ports.push_back(each.port);
    out.most_queries_per_port = std::max(out.most_queries_per_port, each.queries);
    if (each.queries == 0) continue;
    out.longest_port_life =
        std::max<std::chrono::duration<double>>(out.longest_port_life, each.last_query - each.opened);
  }
  out.port_p = uniformity(ports, first_port, 65536 - first_port, 63);
  return out;
}

flood observe_flood(std::size_t queries, std::size_t per_query) {
  responder server(per_query);
  boost::asio::io_context io(1);
  repeating_asker asker(io, server.port());
  asker.start(queries, 8);
  io.run();
  return {server.stop(), queries, asker.accepted, asker.answered};
}

}  // namespace sdconnect::bench
