/// \file
/// A process that accepts connections on a port of 127.0.0.1 and closes them.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <sys/types.h>

namespace sdconnect::bench {

/// Runs until its destruction or until this process ends. Its CPU time does not count as that of
/// this process, and it runs on the servers' processor.
class listener_process {
 public:
  listener_process();
  listener_process(const listener_process&) = delete;
  listener_process& operator=(const listener_process&) = delete;
  ~listener_process();

  [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const { return at_; }
  /// Waits until the process has closed all earlier connections, so that its queue never becomes
  /// full.
  void catch_up(std::uint64_t connected);

 private:
  int socket_ = -1;
  boost::asio::ip::tcp::endpoint at_;
  std::atomic<std::uint64_t>* accepted_ = nullptr;  // shared with the process
  pid_t process_ = -1;
};

/// Closes without TIME_WAIT, which would use up the ports.
void close_at_once(boost::asio::ip::tcp::socket& socket);

}  // namespace sdconnect::bench
