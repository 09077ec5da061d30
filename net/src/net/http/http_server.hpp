/// \file
/// A small HTTP/1.1 server for status pages and APIs on loopback.
#pragma once

#include "net/io/descriptor.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect::detail {

using http_fields = std::vector<std::pair<std::string, std::string>>;

/// A request as the handler sees it: complete, with an acceptable Host.
struct received_request {
  std::string method;  ///< "GET", "HEAD" or "POST"
  std::string path;    ///< "/api/status": the target as sent, without the query
  std::string query;   ///< what follows the first "?"
  http_fields fields;
  std::string body;

  /// Returns the value of the first field with that name in any letter case; "" if there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
};

/// The open body of a reply. A cheap handle; copies mean the same body.
class http_stream {
 public:
  /// Sends the octets, unless earlier ones are not sent yet or the stream is closed; then it does
  /// nothing and returns false. So a slow client costs the memory of one message. REQUIRES: not
  /// empty.
  bool offer(std::string octets);
  [[nodiscard]] bool is_open() const noexcept;
  void close();

 private:
  friend class http_session;
  explicit http_stream(std::weak_ptr<class http_session> session) : session_(std::move(session)) {}

  std::weak_ptr<class http_session> session_;
};

struct http_reply {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  http_fields fields = {};  ///< further fields
  /// If set, the server sends the head and `body`, calls it, and the body goes on until the client
  /// or http_stream::close() ends it. Not called for HEAD.
  std::function<void(http_stream)> on_stream = {};
};

struct http_server_options {
  std::size_t max_connections = 64;          ///< further ones are closed at once
  std::size_t max_streams = 32;              ///< a further one gets 503, so that short requests still get through
  std::size_t max_head = 16384;              ///< in octets; more: 431
  std::size_t max_body = 65536;              ///< in octets; more: 413
  std::chrono::milliseconds idle{30'000};    ///< closes a connection without a request, or whose client stops reading
  std::chrono::milliseconds request{5'000};  ///< from the first octet of a request to its last
};

/// Serves GET, HEAD and POST, one request after the other on each connection. Before the handler
/// sees a request, the server refuses
///  - a Host other than localhost, 127.0.0.1, [::1] or the connection's own address, with the
///    server's port: 421. Otherwise a foreign page whose name resolves to this host could read the
///    replies (DNS rebinding).
///  - a target not in origin form and what is no HTTP: 400; other methods: 501.
///
/// Adds Date, Content-Length and Connection to replies; omits the body for HEAD. An exception of
/// the handler gives 500. Not thread safe: use it on its executor, which must run handlers one at a
/// time.
class http_server {
 public:
  using handler = std::function<http_reply(const received_request&)>;

  http_server(boost::asio::any_io_executor executor, handler answer, const http_server_options& options = {});
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;
  ~http_server();  ///< closes it

  /// Binds, listens and accepts; port 0 selects a free port. Throws boost::system::system_error
  /// that names the address.
  void open(const boost::asio::ip::tcp::endpoint& at);
  /// Accepts on a TCP socket that listens already (socket activation). Throws
  /// boost::system::system_error.
  void open(descriptor listening);
  /// Closes the listener and all connections. The handler is not called any more.
  void close();

  [[nodiscard]] boost::asio::ip::tcp::endpoint local_endpoint() const;
  [[nodiscard]] std::size_t connections() const noexcept;

 private:
  std::shared_ptr<class http_server_state> state_;
};

}  // namespace sdconnect::detail
