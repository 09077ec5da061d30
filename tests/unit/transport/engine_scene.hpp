/// \file
/// A query engine over a simulated network, with time set by the test.
#pragma once

#include "support/reply_to.hpp"
#include "transport/engine/query_engine.hpp"
#include "unit/transport/scripted_network.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

struct engine_scene {
  using handle = query_engine::handle;

  /// Servers 192.0.2.1, 192.0.2.2, ... for every name.
  explicit engine_scene(std::size_t servers = 2) {
    with.servers.sets = {{name(), {}}};
    for (std::size_t i = 1; i <= servers; ++i) {
      with.servers.sets[0].servers.push_back(server(static_cast<std::uint8_t>(i)));
    }
    with.draw = seeded_draw(20261123);
  }
  engine_scene(const engine_scene&) = delete;

  static name_server server(std::uint8_t last) { return name_server::at({ip_address::v4({192, 0, 2, last}), 53}); }
  static question numbered(std::size_t i) {
    return {name::from_text("h" + std::to_string(i) + ".example.com").value(), rr_type::a};
  }
  static octets answer_to(const octets& query, const char* address = "192.0.2.80") {
    return reply_to(query).answer(qname_of(query), rr_type::a, 60, rdata_a(address)).bytes();
  }

  query_engine& engine() {
    if (!engine_) engine_.emplace(net, with);
    return *engine_;
  }
  handle ask(std::size_t i = 0, std::chrono::milliseconds life = std::chrono::seconds(10)) {
    return ask(numbered(i), life);
  }
  handle ask(const question& asked, std::chrono::milliseconds life = std::chrono::seconds(10)) {
    const handle out = engine().submit(asked, now + life, now);
    collect();
    return out;
  }
  void deliver(network::socket_id socket, const octets& message) {
    engine().on_datagram(socket, message, now);
    collect();
  }
  void answer(const scripted_network::datagram& query) { deliver(query.from, answer_to(query.message)); }
  void fail(network::socket_id socket, boost::system::errc::errc_t what) {
    engine().on_udp_error(socket, boost::system::errc::make_error_code(what), now);
    collect();
  }
  void cancel(handle query) {
    engine().cancel(query, now);
    collect();
  }
  /// Advances to the timer without any other event.
  void expire() {
    REQUIRE(engine().next_deadline());
    now = std::max(now, *engine().next_deadline());
    engine().on_timer(now);
    collect();
  }
  void expire_all() {
    while (engine().next_deadline()) expire();
  }
  void collect() {
    while (auto one = engine().take_finished()) done.push_back(std::move(*one));
  }
  [[nodiscard]] error_code status(std::size_t i) const { return done.at(i).result.report.status; }

  query_engine::time_point now{std::chrono::hours(1)};
  query_engine::options with;
  scripted_network net;
  std::vector<query_engine::finished> done;

 private:
  std::optional<query_engine> engine_;
};

}  // namespace sdconnect::test
