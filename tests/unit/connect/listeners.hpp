/// \file
/// Loopback listeners, and endpoints that refuse or drop connections.
#pragma once

#include "sdconnect/connect/connector.hpp"
#include "unit/lab/loop.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {

inline endpoint loopback_endpoint(const boost::asio::ip::tcp::endpoint& at, const char* target,
                                  std::uint16_t priority) {
  endpoint e;
  e.target = name::from_text(target).value();
  e.port = at.port();
  e.priority = priority;
  e.addresses = {ip_address::v4(at.address().to_v4().to_bytes())};
  return e;
}

/// The kernel accepts connections into the backlog.
class listener {
 public:
  listener(loop& l, const char* address)
      : acceptor_(l.io, boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address(address), 0)) {}

  [[nodiscard]] boost::asio::ip::tcp::endpoint at() const { return acceptor_.local_endpoint(); }
  [[nodiscard]] std::uint16_t port() const { return at().port(); }
  [[nodiscard]] endpoint as_endpoint(std::uint16_t priority = 0) const {
    return loopback_endpoint(at(), "live.example.com", priority);
  }

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
};

/// A port on which no socket listens any more.
inline endpoint closed_endpoint(loop& l, std::uint16_t priority = 0) {
  const listener gone(l, "127.0.0.13");
  return loopback_endpoint(gone.at(), "closed.example.com", priority);
}

/// A listener whose backlog is full: the kernel drops further SYNs, like a broken path.
class black_hole {
 public:
  explicit black_hole(loop& l) : acceptor_(l.io) {
    const boost::asio::ip::tcp::endpoint any(boost::asio::ip::make_address("127.0.0.14"), 0);
    acceptor_.open(any.protocol());
    acceptor_.bind(any);
    acceptor_.listen(0);
    // Asio's blocking connect() would wait forever for the answer.
    for (int i = 0; i < 4; ++i) {
      fillers_.emplace_back(l.io).async_connect(acceptor_.local_endpoint(), [](boost::system::error_code) {});
    }
  }
  [[nodiscard]] endpoint as_endpoint(std::uint16_t priority = 0) const {
    return loopback_endpoint(acceptor_.local_endpoint(), "silent.example.com", priority);
  }

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  std::list<boost::asio::ip::tcp::socket> fillers_;
};

struct connecting {
  loop l;
  connect_options options;
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  error_code ec;
  std::optional<connection> made;

  void run(const std::vector<endpoint>& order) {
    async_connect_in_order(l.io.get_executor(), order, options, std::chrono::steady_clock::now() + timeout,
                           [this](error_code e, connection c) {
                             ec = e;
                             made.emplace(std::move(c));
                           });
    CHECK_FALSE(made.has_value());
    l.until([this] { return made.has_value(); });
  }
};

}  // namespace sdconnect::test
