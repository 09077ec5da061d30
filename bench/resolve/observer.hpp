/// \file
/// Observes the UDP traffic of this process at the system calls: source ports, IDs, and how long
/// each port is used.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sdconnect::bench {

/// Only one may exist at a time. While it exists, it follows the sockets that are bound to a port
/// above 0. This program defines bind, send and close, which replace those of libc.
class socket_observer {
 public:
  using clock = std::chrono::steady_clock;

  socket_observer();
  socket_observer(const socket_observer&) = delete;
  socket_observer& operator=(const socket_observer&) = delete;
  ~socket_observer();

  struct socket_life {
    std::uint16_t port = 0;
    std::uint32_t queries = 0;
    clock::time_point opened;
    clock::time_point last_query;
  };

  [[nodiscard]] const std::vector<std::uint16_t>& ids() const noexcept { return ids_; }
  /// All sockets, closed or not, in the order in which they were opened.
  [[nodiscard]] const std::vector<socket_life>& sockets() const noexcept { return sockets_; }

  void on_bind(int fd, std::uint16_t port);
  void on_send(int fd, const std::uint8_t* message, std::size_t size);
  void on_close(int fd);

 private:
  std::vector<std::uint16_t> ids_;
  std::vector<socket_life> sockets_;
  std::vector<std::size_t> by_fd_;  // position in sockets_ plus one
};

}  // namespace sdconnect::bench
