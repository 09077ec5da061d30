/// \file
/// The status pages on a port.
#pragma once

#include "helper/status/status_pages.hpp"
#include "net/http/http_server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace sdconnect::helper {

/// Sends events once in a period while anybody watches, and less often if it takes longer than a
/// fiftieth of the period to write one. Not thread safe: use it on its executor. `source` must outlive it.
class status_server {
 public:
  status_server(boost::asio::any_io_executor executor, status_source& source, std::string token,
                std::chrono::milliseconds period = std::chrono::seconds(1));

  /// As http_server::open.
  void open(const boost::asio::ip::tcp::endpoint& at) { server_.open(at); }
  void open(detail::descriptor listening) { server_.open(std::move(listening)); }
  void close();

  [[nodiscard]] boost::asio::ip::tcp::endpoint local_endpoint() const { return server_.local_endpoint(); }

 private:
  void publish_later(std::chrono::steady_clock::duration delay);
  void publish();

  status_pages pages_;
  boost::asio::steady_timer timer_;
  std::chrono::milliseconds period_;
  bool is_publishing_ = false;
  std::shared_ptr<void> alive_ = std::make_shared<char>();  // a wait that has ended may outlive the server
  detail::http_server server_;
};

}  // namespace sdconnect::helper
