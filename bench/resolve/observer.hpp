/// \file
/// What leaves this process over UDP, seen at the system calls: from which port, with which ID, for
/// how long.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sdconnect::bench {

/// One at a time. While it lives, sockets bound to a port above 0 are followed; the program's own
/// bind, send and close stand before libc's.
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
  /// Of all sockets, closed or not, in the order of their opening.
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
