/// \file
/// A listening socket that hands out accepted connections as descriptors.
#pragma once

#include "helper/route/listen_address.hpp"
#include "net/io/descriptor.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

namespace sdconnect::helper {

/// A connection that was accepted. Its descriptor is non-blocking and close-on-exec.
struct accepted {
  detail::descriptor socket;
  std::optional<ip_address> address;  ///< of a TCP client
  std::uint16_t port = 0;
};

/// Binds and listens; port 0 becomes a free port. `shared`: several sockets listen on the same port
/// (SO_REUSEPORT). A Unix socket is created with mode 0600; a stale one, on which nobody answers, is
/// replaced. Throws failure (71, or 77 without permission) that names the address.
[[nodiscard]] detail::descriptor open_listener(listen_address& at, bool shared);
/// Reads the address of a listening socket that another process opened (socket activation).
[[nodiscard]] std::optional<listen_address> address_of_listener(int fd);

/// Accepts until it is destroyed. If descriptors or memory run out it waits 100 ms and goes on
/// (FAULTS L12). Of a Unix socket it accepts only clients of the same user, and root.
class listener : public std::enable_shared_from_this<listener> {
 public:
  using handler = std::function<void(accepted)>;

  listener(const boost::asio::any_io_executor& executor, detail::descriptor socket, listen_address at,
           std::size_t max_rate, handler on_accept);

  void start();
  /// Closes the socket, and removes the file of a Unix socket. Nothing is accepted after that.
  void close();

  [[nodiscard]] const listen_address& at() const noexcept { return at_; }
  [[nodiscard]] std::size_t failures() const noexcept { return failures_; }

 private:
  void wait();
  void accept_some();
  void pause(std::chrono::milliseconds time);
  [[nodiscard]] bool takes_turn();

  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer pause_;
  listen_address at_;
  handler on_accept_;
  std::size_t max_rate_;
  std::size_t in_second_ = 0;
  std::chrono::steady_clock::time_point second_began_{};
  std::size_t failures_ = 0;
  ino_t file_ = 0;  // of a Unix socket: another process may have replaced it
};

}  // namespace sdconnect::helper
