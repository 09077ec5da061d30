/// \file
/// A process that accepts connections on a port of 127.0.0.1 and closes them.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <sys/types.h>

namespace sdconnect::bench {

/// Until its destruction; dies with this process. It is not counted where the processor's time of
/// this process is, and runs on the servers' processor.
class listener_process {
 public:
  listener_process();
  listener_process(const listener_process&) = delete;
  listener_process& operator=(const listener_process&) = delete;
  ~listener_process();

  [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const { return at_; }
  /// Until it has closed whatever was connected before, so that its queue is never full.
  void catch_up(std::uint64_t connected);

 private:
  int socket_ = -1;
  boost::asio::ip::tcp::endpoint at_;
  std::atomic<std::uint64_t>* accepted_ = nullptr;  // shared with it
  pid_t process_ = -1;
};

/// Without the TIME_WAIT that ends the supply of ports.
void close_at_once(boost::asio::ip::tcp::socket& socket);

}  // namespace sdconnect::bench
