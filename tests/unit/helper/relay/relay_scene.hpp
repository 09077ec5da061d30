/// \file
/// A relay between sockets of the test.
#pragma once

#include "helper/relay/relay_engine.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sdconnect::test {

using detail::descriptor;
using helper::relay_engine, helper::relay_id, helper::relay_report, helper::relay_request, helper::relay_side;

/// A TCP connection over loopback: the two ends. Both block.
inline std::pair<descriptor, descriptor> tcp_pair() {
  const descriptor listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* address = reinterpret_cast<sockaddr*>(&at);
  socklen_t size = sizeof at;
  REQUIRE(::bind(listening.get(), address, size) == 0);
  REQUIRE(::listen(listening.get(), 1) == 0);
  REQUIRE(::getsockname(listening.get(), address, &size) == 0);
  descriptor one(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(one.get(), address, size) == 0);
  descriptor other(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(other.get() >= 0);
  return {std::move(one), std::move(other)};
}

inline std::pair<descriptor, descriptor> unix_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  return {descriptor(ends[0]), descriptor(ends[1])};
}

inline std::size_t open_descriptors() {
  const auto all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

inline void reset(descriptor& fd) {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  fd.reset();
}

/// One relay, and the far ends of its two sockets.
struct relay_scene {
  relay_scene() { std::signal(SIGPIPE, SIG_IGN); }

  boost::asio::io_context io;
  std::optional<relay_engine> engine{io.get_executor()};
  descriptor client, backend;
  relay_id id = 0;
  std::optional<relay_report> report;

  void start(bool over_tcp = true, relay_request request = {}) {
    auto [client_far, client_near] = over_tcp ? tcp_pair() : unix_pair();
    auto [backend_far, backend_near] = over_tcp ? tcp_pair() : unix_pair();
    client = std::move(client_far);
    backend = std::move(backend_far);
    start_between(std::move(client_near), std::move(backend_near), std::move(request));
  }

  void start_between(descriptor client_near, descriptor backend_near, relay_request request = {}) {
    for (const descriptor* d : {&client, &backend}) ::fcntl(d->get(), F_SETFL, O_NONBLOCK);
    request.on_end = [this](const relay_report& r) { report = r; };
    id = engine->start(std::move(client_near), std::move(backend_near), std::move(request));
  }

  void run_for_a_while() { io.run_for(std::chrono::milliseconds(1)); }

  /// Reads until the end or an error, or until there are `count` octets.
  std::string read(const descriptor& from, std::size_t count, int* error = nullptr) {
    std::string out;
    std::array<char, 65536> block{};
    for (int turns = 0; out.size() < count && turns < 5000;) {
      const ssize_t octets = ::recv(from.get(), block.data(), std::min(block.size(), count - out.size()), 0);
      if (octets > 0) {
        out.append(block.data(), static_cast<std::size_t>(octets));
        continue;
      }
      if (octets == 0 || errno != EAGAIN) {
        if (error != nullptr) *error = octets == 0 ? 0 : errno;
        return out;
      }
      ++turns;
      run_for_a_while();
    }
    return out;
  }

  /// Expects the end of the stream: 0, or an error.
  int end_of(const descriptor& from) {
    int error = -1;
    CHECK(read(from, 1, &error).empty());
    return error;
  }

  template <class Condition>
  void run_until(Condition is_true) {
    for (int turns = 0; !is_true() && turns < 10000; ++turns) run_for_a_while();
    REQUIRE(is_true());
  }

  void until_reported() {
    run_until([this] { return report.has_value(); });
  }
};

/// Sends what the socket takes of `count` octets.
inline std::size_t send_some(const descriptor& to, std::size_t count) {
  const std::string octets(count, 'x');
  const ssize_t sent = ::send(to.get(), octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

/// Sends until the socket takes no more.
inline std::size_t fill(const descriptor& to) {
  std::size_t all = 0;
  for (std::size_t sent = 1; sent > 0;) {
    sent = send_some(to, std::size_t{64} << 10);
    all += sent;
  }
  return all;
}

inline void send(const descriptor& to, std::string_view text) {
  REQUIRE(::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
}

}  // namespace sdconnect::test
