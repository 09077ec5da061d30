/// \file
/// A small HTTP/1.1 server that says who it is: a backend of the demo and the tests, which can be
/// killed and restarted.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace sdconnect::lab {

/// Answers GET and HEAD of any target with a page of text that names this backend, its address, the
/// target and the Host asked for; other methods with 405, and requests with a body and what is no
/// HTTP with 400. Keeps connections open as HTTP/1.1 says. Thread safe. The executor's context must
/// outlive it.
class http_backend {
 public:
  /// Starts. Port 0 is a free port, which is kept over restarts. Throws boost::system::system_error
  /// naming the address.
  http_backend(boost::asio::any_io_executor executor, std::string host, boost::asio::ip::tcp::endpoint at);
  http_backend(const http_backend&) = delete;
  http_backend& operator=(const http_backend&) = delete;
  ~http_backend();

  /// Does nothing while running. Throws like the constructor.
  void start();
  /// As if the process was killed: further connects are refused, and open connections end without a
  /// reply.
  void stop();
  [[nodiscard]] bool is_running() const;

  [[nodiscard]] const std::string& host() const noexcept;
  [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const;

  /// Since construction.
  [[nodiscard]] std::uint64_t requests() const;
  [[nodiscard]] std::uint64_t connections() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace sdconnect::lab
