/// \file
/// A small HTTP/1.1 server whose pages name the server that sent them: a backend for the demo and
/// the tests, which can stop and restart it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace sdconnect::lab {

/// Answers GET and HEAD of any target with a text page that names this backend, its address, the
/// target and the requested Host. Answers other methods with 405. Answers a request with a body, or
/// data that are not HTTP, with 400. Keeps connections open as HTTP/1.1 says. Thread safe. The
/// executor's context must outlive it.
class http_backend {
 public:
  /// Starts the server. Port 0 selects a free port, which restarts keep. Throws
  /// boost::system::system_error that names the address.
  http_backend(boost::asio::any_io_executor executor, std::string host, boost::asio::ip::tcp::endpoint at);
  http_backend(const http_backend&) = delete;
  http_backend& operator=(const http_backend&) = delete;
  ~http_backend();

  /// Does nothing if the server runs. Throws like the constructor.
  void start();
  /// Behaves as if the process was killed: the kernel refuses further connects, and open
  /// connections end without a reply.
  void stop();
  [[nodiscard]] bool is_running() const;

  [[nodiscard]] const std::string& host() const noexcept;
  [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const;

  /// Counted since construction.
  [[nodiscard]] std::uint64_t requests() const;
  [[nodiscard]] std::uint64_t connections() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace sdconnect::lab
