/// \file
/// A listener and its sessions: octets in, octets out. What they mean is the owner's matter.
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
  /// More at once are accepted and closed, as a server at its limit does.
  std::size_t max_sessions = 256;
  /// Without octets from the client for this long, a session is closed.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(10);
  std::optional<tls_identity> tls;  ///< when set, sessions speak it and nothing else
};

/// Every function may be called from any thread, and from within the callbacks: one lock, shared
/// with the owner, is held whenever handlers run. No operation is composed of several, so no code
/// runs without it, and close() has closed everything when it returns.
class tcp_server : public std::enable_shared_from_this<tcp_server> {
 public:
  /// Called with all octets not yet consumed; removes those it consumes.
  using on_octets = std::function<void(tcp_session&, std::vector<std::uint8_t>& received)>;
  /// Called for each session; what it returns is called for the octets of that session.
  using on_session = std::function<on_octets()>;
  using mutex_pointer = std::shared_ptr<std::recursive_mutex>;

  tcp_server(boost::asio::any_io_executor executor, mutex_pointer mutex, on_session opened, tcp_server_options options);

  /// Binds and listens; port 0 is a free port. Throws boost::system::system_error naming the
  /// address.
  void open(const boost::asio::ip::tcp::endpoint& at);
  /// Begins to accept. Apart from open(), so that an owner can still give up the port.
  void start();
  /// Closes the listener and all sessions; open() may follow.
  void close();

  [[nodiscard]] bool is_open() const;
  [[nodiscard]] boost::asio::ip::tcp::endpoint local_endpoint() const;
  /// Accepted since construction, without those above the limit.
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

/// Lives while its server holds it or an operation is under way.
class tcp_session : public std::enable_shared_from_this<tcp_session> {
 public:
  tcp_session(boost::asio::ip::tcp::socket socket, const std::shared_ptr<tcp_server>& server,
              tcp_server::on_octets received);

  void start();
  /// Queues the octets.
  void send(std::vector<std::uint8_t> octets);
  /// Closes once everything queued is sent.
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
