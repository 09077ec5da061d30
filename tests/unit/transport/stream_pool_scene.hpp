/// \file
/// A stream pool over a simulated network, with time set by the test.
#pragma once

#include "support/message_builder.hpp"
#include "transport/engine/stream_pool.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

/// Streams only. Each stream keeps the messages written to it.
class paper_network final : public network {
 public:
  struct paper_stream {
    std::size_t server = 0;
    std::vector<octets> written;
    bool is_closed = false;
  };

  result<socket_id> open_udp(std::size_t, std::uint16_t) override { return socket_id{0}; }
  error_code send_udp(socket_id, std::span<const std::uint8_t>) override { return {}; }
  void close_udp(socket_id) override {}
  void ask_file(std::size_t, std::uint64_t, std::span<const std::uint8_t>) override {}

  result<stream_id> open_stream(std::size_t server) override {
    if (cannot_open) return cannot_open;
    streams[++last_].server = server;
    return last_;
  }
  void write_stream(stream_id id, std::span<const std::uint8_t> message) override {
    REQUIRE_FALSE(streams.at(id).is_closed);
    streams.at(id).written.emplace_back(message.begin(), message.end());
  }
  void close_stream(stream_id id) override { REQUIRE_FALSE(std::exchange(streams.at(id).is_closed, true)); }

  std::map<stream_id, paper_stream> streams;
  error_code cannot_open;

 private:
  stream_id last_ = 0;
};

struct pool_scene {
  using query_id = stream_pool::query_id;

  explicit pool_scene(stream_pool::options with = {}) : pool(net, 2, counting(std::move(with))) {}

  /// The message identifies the query: its ID is 0xaa00 and its last octet is the number.
  error_code try_ask(query_id query, std::size_t server = 0) {
    octets message(12, 0);
    message[0] = 0xaa;
    message[11] = static_cast<std::uint8_t>(query);
    return pool.ask(server, query, message, now);
  }
  void ask(query_id query, std::size_t server = 0) { REQUIRE_FALSE(try_ask(query, server)); }

  /// The stream answers the n-th message that it received.
  std::optional<query_id> answer(network::stream_id stream, std::size_t n) {
    octets reply = net.streams.at(stream).written.at(n);
    const auto query = pool.on_stream_message(stream, reply, now).query;
    if (query) {
      CHECK(reply[0] == 0xaa);  // the reply has the caller's ID again
      CHECK(reply[1] == 0x00);
    }
    return query;
  }
  void open(network::stream_id stream) { pool.on_stream_open(stream, now); }
  void end(network::stream_id stream, error_code ec) {
    net.streams.at(stream).is_closed = true;
    pool.on_stream_closed(stream, ec, now);
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    pool.on_timer(now);
  }

  [[nodiscard]] std::size_t opened() const { return net.streams.size(); }
  [[nodiscard]] bool is_closed(network::stream_id stream) const { return net.streams.at(stream).is_closed; }
  /// Returns the numbers of the queries written to a stream.
  [[nodiscard]] std::vector<int> on(network::stream_id stream) const {
    std::vector<int> out;
    for (const octets& one : net.streams.at(stream).written) out.push_back(one.back());
    return out;
  }
  [[nodiscard]] std::uint16_t id_on(network::stream_id stream, std::size_t n) const {
    const octets& one = net.streams.at(stream).written.at(n);
    return static_cast<std::uint16_t>(one[0] << 8 | one[1]);
  }
  std::vector<std::pair<query_id, error_code>> failures() {
    std::vector<std::pair<query_id, error_code>> out;
    while (const auto failed = pool.take_failure()) out.emplace_back(failed->query, failed->error);
    return out;
  }

  std::vector<query_id> stalled() {
    std::vector<query_id> out;
    while (const auto query = pool.take_stalled()) out.push_back(*query);
    return out;
  }

  stream_pool::time_point now{std::chrono::hours(1)};
  std::vector<std::uint16_t> ids_to_draw;  // from the back; then 1, 2, 3, ...
  std::uint16_t last_id = 0;
  paper_network net;
  stream_pool pool;

 private:
  stream_pool::options counting(stream_pool::options with) {
    if (!with.matches) with.matches = [](query_id, std::span<const std::uint8_t>) { return true; };
    with.draw_id = [this] {
      if (ids_to_draw.empty()) return ++last_id;
      const std::uint16_t next = ids_to_draw.back();
      ids_to_draw.pop_back();
      return next;
    };
    return with;
  }
};

}  // namespace sdconnect::test
