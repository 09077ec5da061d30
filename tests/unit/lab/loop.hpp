/// \file
/// A test's own event loop: servers and clients on one thread; tests wait for conditions instead of
/// sleeping.
#pragma once

#include "support/message_builder.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {

struct loop {
  boost::asio::io_context io;

  /// Fails the test if the condition does not become true within 10 s, far longer than any test
  /// needs.
  void until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      if (io.stopped()) io.restart();
      io.run_one_until(end);
      REQUIRE(std::chrono::steady_clock::now() < end);
    }
  }
};

/// A UDP client that stores what it receives.
class udp_client {
 public:
  udp_client(loop& l, const boost::asio::ip::udp::endpoint& server)
      : loop_(l), server_(server), socket_(l.io, {server.protocol(), 0}) {
    receive();
  }

  void send(const octets& message) { socket_.send_to(boost::asio::buffer(message), server_); }
  std::vector<std::pair<octets, boost::asio::ip::udp::endpoint>>& wait_for(std::size_t count) {
    loop_.until([&] { return received.size() >= count; });
    return received;
  }

  std::vector<std::pair<octets, boost::asio::ip::udp::endpoint>> received;

 private:
  void receive() {
    socket_.async_receive_from(
        boost::asio::buffer(block_), from_, [this](boost::system::error_code ec, std::size_t count) {
          if (ec) return;
          received.emplace_back(octets(block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(count)), from_);
          receive();
        });
  }

  loop& loop_;
  boost::asio::ip::udp::endpoint server_, from_;
  boost::asio::ip::udp::socket socket_;
  octets block_ = octets(65535);
};

/// A TCP client that stores what it receives until the server closes.
class tcp_client {
 public:
  tcp_client(loop& l, const boost::asio::ip::tcp::endpoint& server) : loop_(l), socket(l.io) {
    socket.connect(server);
    receive();
  }
  tcp_client(loop& l, const boost::asio::ip::udp::endpoint& server)
      : tcp_client(l, boost::asio::ip::tcp::endpoint(server.address(), server.port())) {}

  void send(const octets& data) { boost::asio::write(socket, boost::asio::buffer(data)); }
  void send(const std::string& text) { send(octets(text.begin(), text.end())); }
  octets& wait_for(std::size_t count) {
    loop_.until([&] { return received.size() >= count; });
    return received;
  }
  void wait_for_close() {
    loop_.until([&] { return is_closed; });
  }
  [[nodiscard]] std::string text() const { return {received.begin(), received.end()}; }

  octets received;
  bool is_closed = false;

 private:
  void receive() {
    socket.async_read_some(boost::asio::buffer(block_), [this](boost::system::error_code ec, std::size_t count) {
      received.insert(received.end(), block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(count));
      if (ec) {
        is_closed = true;
        return;
      }
      receive();
    });
  }

  loop& loop_;

 public:
  boost::asio::ip::tcp::socket socket;

 private:
  octets block_ = octets(65535);
};

}  // namespace sdconnect::test
