/// \file
/// The network of a scenario: sockets to its name servers without system calls, in virtual time.
#pragma once

#include "scenarios/name_servers.hpp"
#include "scenarios/world.hpp"
#include "transport/engine/network.hpp"
#include "transport/engine/query_engine.hpp"
#include "transport/engine/stream_framing.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::scenario {
using namespace sdconnect::detail;

/// Reports to the engine what asio_network and asio_stream would report, in the same order: it
/// reads a stream only while the stream owes replies, and an end between two messages is eof.
class script_network final : public network {
 public:
  script_network(world& in, name_servers& servers) : world_(in), servers_(servers) {}

  /// Calls `then` after every report.
  void attach(query_engine& engine, std::function<void()> then) {
    engine_ = &engine;
    then_ = std::move(then);
  }

  result<socket_id> open_udp(std::size_t server, std::uint16_t port) override;
  error_code send_udp(socket_id socket, std::span<const std::uint8_t> message) override;
  void close_udp(socket_id socket) override { sockets_.erase(socket); }
  result<stream_id> open_stream(std::size_t server) override;
  void write_stream(stream_id stream, std::span<const std::uint8_t> message) override;
  void close_stream(stream_id stream) override;
  void ask_file(std::size_t server, std::uint64_t query, std::span<const std::uint8_t> message) override;

  /// The server closes its streams.
  void end_streams(std::size_t number, error_code how);

  [[nodiscard]] std::size_t streams_opened() const noexcept { return streams_opened_; }
  [[nodiscard]] std::size_t streams_open() const noexcept { return streams_.size(); }

 private:
  struct stream {
    stream_id id = 0;
    std::size_t server = 0;
    bool is_open = false;
    bool is_closed = false;
    bool is_stalled = false;
    std::size_t owed = 0;
    std::vector<octets> unsent;  // until the stream is open
    octets arrived;              // not read yet
    std::optional<error_code> end;
    std::chrono::nanoseconds busy_until{};  // with sending earlier data
    stream_framing framing;
  };

  [[nodiscard]] std::size_t number_of(std::size_t server) const;
  void deliver(socket_id socket, const octets& message, std::chrono::nanoseconds due);
  void become_open(const std::shared_ptr<stream>& s);
  void serve(const std::shared_ptr<stream>& s, const octets& query);
  void send_reply(const std::shared_ptr<stream>& s, const reply_plan& plan, const octets& query);
  void arrive(const std::shared_ptr<stream>& s, const octets& part, std::chrono::nanoseconds when);
  void end(const std::shared_ptr<stream>& s, error_code how);
  void read(const std::shared_ptr<stream>& s);
  void fail(const std::shared_ptr<stream>& s, error_code ec);

  world& world_;
  name_servers& servers_;
  query_engine* engine_ = nullptr;
  std::function<void()> then_;
  std::map<socket_id, std::size_t> sockets_;  // values are the numbers of their servers
  std::map<stream_id, std::shared_ptr<stream>> streams_;
  socket_id last_socket_ = 0;
  stream_id last_stream_ = 0;
  std::size_t streams_opened_ = 0;
};

}  // namespace sdconnect::scenario
