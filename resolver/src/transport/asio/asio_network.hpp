/// \file
/// The network of the operating system, for one query engine.
#pragma once

#include "transport/asio/asio_stream.hpp"
#include "transport/asio/datagram_batch.hpp"
#include "transport/engine/network.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <sys/epoll.h>
#include <unordered_map>
#include <vector>

namespace sdconnect::detail {

class query_engine;

/// UDP sockets are plain descriptors in a separate epoll set, and Asio knows only that set. A
/// socket lives for 32 queries: registering each with the reactor, re-arming it for each reply and
/// reading until nothing is left would cost as much again as the queries. If several replies are
/// there at once, the queries that follow from them are sent together.
///
/// The network reports each event to the engine, then to the owner, which may use the network and
/// the engine as it likes. Everything happens under the owner's lock: callers hold it, the Asio
/// handlers take it.
///
/// The owner releases the lock while it runs user code, also in the middle of a round of receiving.
/// Any other action of the owner in that time, in another thread or in a nested call, begins with
/// take_over(): this ends the round in good order, and the code that began the round finds that it
/// is over.
class asio_network final : public network {
 public:
  struct owner {
    std::weak_ptr<std::mutex> guard;   ///< the lock; pending operations keep the object that contains it alive
    std::function<void()> on_replies;  ///< called when questions have ended: may run user code
    std::function<void()> on_event;    ///< called after other events: runs no user code
  };

  explicit asio_network(boost::asio::any_io_executor executor);
  ~asio_network() override;

  /// Call this before anything else. `engine` must live as long as this object.
  void attach(query_engine& engine, owner of);

  /// Receives datagrams until stop_waiting(); the io_context has work until then.
  void wait_for_datagrams();
  void stop_waiting();
  /// True during a round of receiving. At its end the network calls `on_replies` once more, unless
  /// a handler throws or take_over() is called.
  [[nodiscard]] bool is_receiving() const noexcept { return is_receiving_; }
  /// Call this with the lock, and not inside `on_replies`. Sends the collected queries, and makes
  /// the set report again the sockets that the round has not read yet.
  void take_over();

  [[nodiscard]] std::uint64_t streams_opened() const noexcept { return streams_opened_; }

  result<socket_id> open_udp(std::size_t server, std::uint16_t port) override;
  error_code send_udp(socket_id socket, std::span<const std::uint8_t> message) override;
  void close_udp(socket_id socket) override;
  result<stream_id> open_stream(std::size_t server) override;
  void write_stream(stream_id stream, std::span<const std::uint8_t> message) override;
  void close_stream(stream_id stream) override;
  void ask_file(std::size_t server, std::uint64_t query, std::span<const std::uint8_t> message) override;

 private:
  /// Limit per epoll_wait(), so that timers run in between.
  static constexpr int sockets_per_look = 64;

  /// Opens streams to the server that has the number now.
  struct opener {
    std::shared_ptr<const name_server> server;
    std::optional<stream_opener> streams;
  };

  /// A round of receiving. A new round or take_over() ends it.
  using round = unsigned;

  [[nodiscard]] error_code make_epoll();
  void on_readable();
  void receive_datagrams(round own);
  [[nodiscard]] bool receive_only_one();
  std::size_t receive_from_ready(round own);
  std::size_t read_socket(round own, ::epoll_event& event);
  void begin_burst();
  void end_burst();
  void end_looking();
  [[nodiscard]] std::size_t receive(std::uint64_t key, std::size_t wanted);
  /// A socket, and which of the sockets with its number it is: the epoll set reports this.
  [[nodiscard]] std::uint64_t key_of(socket_id socket) const noexcept;
  [[nodiscard]] static socket_id socket_of(std::uint64_t key) noexcept {
    return static_cast<socket_id>(key & UINT32_MAX);
  }
  [[nodiscard]] bool is_open(std::uint64_t key) const noexcept;
  void look_again(::epoll_event& event) noexcept;
  [[nodiscard]] stream_events events_of(stream_id stream);

  boost::asio::any_io_executor executor_;
  query_engine* engine_ = nullptr;
  owner owner_;

  boost::asio::posix::stream_descriptor epoll_;
  bool is_waiting_ = false;
  bool is_receiving_ = false;
  round round_ = 0;
  unsigned waits_ = 0;                 // callbacks of an earlier wait are ignored
  std::vector<std::uint32_t> births_;  // by descriptor: which of the sockets that had it is open, or 0
  std::uint32_t births_so_far_ = 0;
  std::array<::epoll_event, sockets_per_look> ready_{};
  std::span<::epoll_event> left_;  // those in `ready_` that are not processed yet
  datagram_inbox inbox_;
  datagram_outbox outbox_;
  bool is_in_burst_ = false;  // datagrams to send then go to the outbox

  std::vector<opener> openers_;  // by server
  std::unordered_map<stream_id, std::shared_ptr<asio_stream>> streams_;
  stream_id last_stream_ = 0;
  std::uint64_t streams_opened_ = 0;
};

}  // namespace sdconnect::detail
