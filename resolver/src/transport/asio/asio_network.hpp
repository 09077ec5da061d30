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

/// UDP sockets are plain descriptors in an epoll set of their own, and Asio knows only that set. A
/// socket lives for 32 queries: registering each with the reactor, re-arming it for each reply and
/// reading until nothing is left would cost as much again as the queries. Where several replies are
/// there at once, what is asked because of them is sent together.
///
/// What happens is told to the engine, then to the owner, who may use this and the engine as it
/// likes. All of it under the owner's lock: functions are called with it, the Asio handlers take
/// it.
///
/// The owner releases the lock while it runs user code, in the middle of a round of receiving, too.
/// Whatever else of the owner happens meanwhile, in another thread or deeper in this one, begins
/// with take_over(): it ends that round in good order, and whoever began it finds that it is not
/// theirs any more.
class asio_network final : public network {
 public:
  struct owner {
    std::weak_ptr<std::mutex> guard;   ///< the lock; operations under way keep alive what it is a part of
    std::function<void()> on_replies;  ///< questions have ended: may run user code
    std::function<void()> on_event;    ///< something happened: runs none
  };

  explicit asio_network(boost::asio::any_io_executor executor);
  ~asio_network() override;

  /// Before anything else. `engine` must live as long as this.
  void attach(query_engine& engine, owner of);

  /// Until stop_waiting() the io_context has work, and datagrams are taken in.
  void wait_for_datagrams();
  void stop_waiting();
  /// `on_replies` is called once more when that is over, unless a handler throws or somebody takes
  /// over.
  [[nodiscard]] bool is_receiving() const noexcept { return is_receiving_; }
  /// With the lock, and not inside `on_replies`: sends what was collected, and lets the sockets not
  /// looked at yet be reported again.
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
  /// Before timers get their turn again.
  static constexpr int sockets_per_look = 64;

  /// Opens streams to the server that has the number now.
  struct opener {
    std::shared_ptr<const name_server> server;
    std::optional<stream_opener> streams;
  };

  /// Of receiving: ended by another one, or by take_over().
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
  /// A socket and which of those that had its number: what the set tells.
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
  std::span<::epoll_event> left_;  // of them, in this look
  datagram_inbox inbox_;
  datagram_outbox outbox_;
  bool is_in_burst_ = false;  // then what is to be sent goes to the outbox

  std::vector<opener> openers_;  // by server
  std::unordered_map<stream_id, std::shared_ptr<asio_stream>> streams_;
  stream_id last_stream_ = 0;
  std::uint64_t streams_opened_ = 0;
};

}  // namespace sdconnect::detail
