/// \file
/// A listener and its sessions. It transfers octets; their owner interprets them.
#pragma once

#include "net/listen/tls_filter.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

namespace sdconnect::detail {

class tcp_session;

struct tcp_server_options {
  /// The server accepts further connections and closes them at once, as a server at its limit does.
  std::size_t max_sessions = 256;
  /// Closes a session after this time without octets from the client.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(10);
  std::optional<tls_identity> tls;  ///< if set, sessions use only TLS
};

/// Every function may be called from any thread and from within the callbacks: handlers run with
/// one lock held, which the server shares with its owner. No operation is composed of several, so
/// no code runs without the lock, and close() has closed everything when it returns.
class tcp_server : public std::enable_shared_from_this<tcp_server> {
 public:
  /// Called with all octets not yet consumed; must remove the octets that it consumes.
  using on_octets = std::function<void(tcp_session&, std::vector<std::uint8_t>& received)>;
  /// Called for each session. The server calls the returned function for the octets of that
  /// session.
  using on_session = std::function<on_octets()>;
  using mutex_pointer = std::shared_ptr<std::recursive_mutex>;

  tcp_server(boost::asio::any_io_executor executor, mutex_pointer mutex, on_session opened, tcp_server_options options);

  /// Binds and listens; port 0 selects a free port. Throws boost::system::system_error that names
  /// the address.
  void open(const boost::asio::ip::tcp::endpoint& at);
  /// Begins to accept. Separate from open(), so that an owner can still give up the port.
  void start();
  /// Closes the listener and all sessions. open() may be called again.
  void close();

  [[nodiscard]] bool is_open() const;
  [[nodiscard]] boost::asio::ip::tcp::endpoint local_endpoint() const;
  /// Number of sessions since construction, without the connections above the limit.
  [[nodiscard]] std::uint64_t session_count() const;

 private:
  friend class tcp_session;
  void accept();
  void accept_later();

  mutex_pointer mutex_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer accept_delay_;
  on_session opened_;
  tcp_server_options options_;
  std::unordered_set<std::shared_ptr<tcp_session>> sessions_;
  std::uint64_t accepted_ = 0;
};

/// Lives while its server holds it or an operation is pending.
class tcp_session : public std::enable_shared_from_this<tcp_session> {
 public:
  tcp_session(boost::asio::ip::tcp::socket socket, const std::shared_ptr<tcp_server>& server,
              tcp_server::on_octets received);

  void start();
  /// Queues the octets.
  void send(std::vector<std::uint8_t> octets);
  /// Closes when all queued octets are sent.
  void close_when_sent();
  void close();

 private:
  void read();
  void write();
  void queue(std::vector<std::uint8_t> octets);
  [[nodiscard]] bool take(std::span<const std::uint8_t> octets);
  void restart_idle_timer();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer idle_;
  std::weak_ptr<tcp_server> server_;
  tcp_server::mutex_pointer mutex_;
  std::chrono::milliseconds idle_timeout_;
  tcp_server::on_octets on_octets_;
  std::optional<tls_filter> tls_;
  std::vector<std::uint8_t> received_;
  std::vector<std::uint8_t> block_;
  std::deque<std::vector<std::uint8_t>> to_send_;
  std::size_t sent_of_first_ = 0;
  bool is_ending_ = false;
};

}  // namespace sdconnect::detail
