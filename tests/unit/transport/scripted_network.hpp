/// \file
/// A simulated network for pools and the engine: records what was opened and sent, and fails when
/// the test requests it.
#pragma once

#include "support/message_builder.hpp"
#include "transport/engine/network.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

class scripted_network final : public network {
 public:
  struct socket {
    std::size_t server = 0;
    std::uint16_t port = 0;
    std::uint32_t queries = 0;
  };
  struct stream {
    std::size_t server = 0;
    std::vector<octets> written;
  };
  struct datagram {
    socket_id from{};
    std::uint16_t port = 0;
    std::size_t server = 0;
    octets message;
  };
  struct file_question {
    std::size_t server = 0;
    std::uint64_t query = 0;
    octets message;
  };

  result<socket_id> open_udp(std::size_t server, std::uint16_t port) override {
    if (on_open) {
      if (const error_code ec = on_open(port)) return ec;
    }
    const socket_id id = next_id_++;
    sockets[id] = {server, port, 0};
    ports_opened.push_back(port);
    return id;
  }
  error_code send_udp(socket_id id, std::span<const std::uint8_t> message) override {
    socket& from = sockets.at(id);
    if (on_send) {
      if (const error_code ec = on_send()) return ec;
    }
    ++from.queries;
    sent.push_back({id, from.port, from.server, octets(message.begin(), message.end())});
    return {};
  }
  void close_udp(socket_id id) override { REQUIRE(sockets.erase(id) == 1); }

  result<stream_id> open_stream(std::size_t server) override {
    const stream_id id = next_id_++;
    streams[id] = {server, {}};
    return id;
  }
  void write_stream(stream_id id, std::span<const std::uint8_t> message) override {
    streams.at(id).written.emplace_back(message.begin(), message.end());
  }
  void close_stream(stream_id id) override { REQUIRE(streams.erase(id) == 1); }

  void ask_file(std::size_t server, std::uint64_t query, std::span<const std::uint8_t> message) override {
    files.push_back({server, query, octets(message.begin(), message.end())});
  }

  std::map<socket_id, socket> sockets;  ///< open now
  std::map<stream_id, stream> streams;  ///< open now
  std::vector<datagram> sent;
  std::vector<std::uint16_t> ports_opened;
  std::vector<file_question> files;
  std::function<error_code(std::uint16_t port)> on_open;
  std::function<error_code()> on_send;

 private:
  std::uint32_t next_id_ = 1;
};

/// 16-bit values of a seeded generator (xorshift64*), good enough to pass a chi-square test for
/// randomness.
class seeded_draw {
 public:
  explicit seeded_draw(std::uint64_t seed) : state_(seed) {}
  std::uint16_t operator()() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<std::uint16_t>(state_ * 0x2545F4914F6CDD1DULL >> 48);
  }

 private:
  std::uint64_t state_;
};

}  // namespace sdconnect::test
