/// \file
/// Handles all pending questions to name servers: what to send for them, what comes back, and when.
/// Uses no sockets and no clock.
#pragma once

#include "sdconnect/transport/dns_client_statistics.hpp"
#include "transport/engine/deadline_heap.hpp"
#include "transport/engine/network.hpp"
#include "transport/engine/server_registry.hpp"
#include "transport/engine/stream_pool.hpp"
#include "transport/engine/udp_pool.hpp"
#include "transport/question/exchange.hpp"

#include <boost/container/static_vector.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// Report events to the engine; it uses the network. After every call that is not const
///  - call take_finished() until it returns nothing: every question ends there, exactly once;
///  - call on_timer() at next_deadline().
///
///  1. At most `max_in_flight` questions are in flight; more wait in a queue, first come, first
///     served, and time out there like any other.
///  2. A datagram belongs to the question that waits on its socket with its ID; the exchange checks
///     the rest. A datagram that belongs to no question counts against all that wait on that
///     socket: somebody is guessing (RFC 5452 §9.1, FAULTS X2). The socket then takes no more
///     queries: other datagrams in its buffer may be guesses too, and must not wait there for the
///     next ID.
///  3. A socket that fails (ICMP) fails for all questions that wait on it, once, and takes no more
///     queries (X17). An error of sending may stem from an earlier query: the engine reports it to
///     the other waiting questions, and sends the query on another socket.
///  4. Consequences of one question's failure for others are handled after it, in a loop (X18).
class query_engine {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct options {
    server_registry::options servers;
    std::size_t max_in_flight = 256;
    std::chrono::milliseconds stream_idle_timeout{10000};
    std::function<std::uint16_t()> draw;  ///< unpredictable 16-bit values
  };

  /// Identifies a question until it is taken as finished; never used again after that.
  struct handle {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    friend bool operator==(const handle&, const handle&) = default;
  };
  struct finished {
    finished(handle of, query_result&& ended) : query(of), result(std::move(ended)) {}

    handle query;
    query_result result;  ///< report.status says how it ended
  };

  /// `net` must outlive the engine. Servers are numbered in the order of `with.servers.sets`, equal
  /// ones once.
  query_engine(network& net, options with);

  [[nodiscard]] const server_registry& servers() const noexcept { return servers_; }

  [[nodiscard]] handle submit(const question& asked, time_point deadline, time_point now);
  /// Ends the question with operation_aborted. Ignored after its end.
  void cancel(handle query, time_point now);

  void on_datagram(network::socket_id socket, std::span<const std::uint8_t> message, time_point now);
  /// Number of replies that may come on the socket.
  [[nodiscard]] std::size_t awaited_on(network::socket_id socket) const;
  /// Returns the socket on which a reply may come, if only one reply in all may come.
  [[nodiscard]] std::optional<network::socket_id> only_awaited() const noexcept { return udp_.only_awaited(); }
  void on_udp_error(network::socket_id socket, error_code ec, time_point now);
  /// Reports that the message with this ID, which send_udp() had accepted, could not be sent.
  void on_unsent(network::socket_id socket, std::uint16_t id, error_code ec, time_point now);
  void on_stream_open(network::stream_id stream, time_point now);
  /// Returns whether the stream owes one reply less.
  bool on_stream_message(network::stream_id stream, std::span<std::uint8_t> message, time_point now);
  void on_stream_closed(network::stream_id stream, error_code ec, time_point now);
  void on_file_reply(std::uint64_t query, std::span<const std::uint8_t> message, time_point now);
  void on_timer(time_point now);

  /// Queries sent between these two calls are sent together.
  void begin_burst() { udp_.begin_burst(); }
  void end_burst() noexcept { udp_.end_burst(); }

  /// Returns the finished questions in the order in which they ended.
  [[nodiscard]] std::optional<finished> take_finished();
  /// Takes a result that is no longer needed; the engine reuses its storage.
  void recycle(query_result&& used) { store_.give_back(std::move(used.answer)); }
  [[nodiscard]] std::size_t finished_count() const noexcept { return finished_.size(); }
  /// Empty if no question is in flight or waits: no wake-up is needed then.
  [[nodiscard]] std::optional<time_point> next_deadline() const;

  /// Applies to questions that begin from now on; those in flight keep the servers they have.
  void replace_servers(const server_registry::options& with);
  /// Closes all streams and sends their pending queries again on new ones. UDP sockets open now
  /// take no more queries; those without pending queries are closed.
  void reset_connections(time_point now);
  /// Closes the UDP sockets if no question is pending. They are cheap to open again, and each is a
  /// descriptor and an open port.
  void rest(time_point now);

  [[nodiscard]] bool has_questions() const noexcept { return active_ + waiting_ != 0; }
  [[nodiscard]] bool has_open_sockets() const noexcept { return udp_.open_sockets() != 0; }
  /// Without streams_opened, which the network counts.
  [[nodiscard]] dns_client_statistics statistics() const noexcept;

 private:
  enum class stage : std::uint8_t { free, waiting, active, finished };
  enum class path : std::uint8_t { none, udp, stream, file };

  /// How a message was sent that may still be answered.
  struct route {
    path over = path::none;
    std::uint16_t attempt = 0;
    udp_pool::slot socket = 0;
  };
  struct query_slot {
    stage at = stage::free;
    std::uint32_t generation = 0;
    question asked;
    time_point deadline{};
    server_registry::group* group = nullptr;
    std::optional<exchange> decides;
    boost::container::static_vector<route, exchange::max_open> routes;  // attempt n is at n % max_open
    error_code status;                                                  // for a question that ended without an exchange
  };
  struct sending {
    error_code ec;
    udp_pool::slot socket = udp_pool::no_slot;  // the socket that it was given to
  };
  struct attempt_failure {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::uint16_t attempt = 0;
    error_code ec;
  };

  [[nodiscard]] std::uint32_t free_slot();
  void begin(std::uint32_t slot, time_point now);
  void perform(std::uint32_t slot, exchange::action next, time_point now);
  [[nodiscard]] error_code send(std::uint32_t slot, const exchange::action& what, time_point now);
  [[nodiscard]] error_code send_udp(std::uint32_t slot, std::size_t server, std::uint16_t attempt, time_point now);
  [[nodiscard]] sending try_udp(std::uint32_t slot, std::size_t server, std::uint16_t attempt, time_point now);
  [[nodiscard]] error_code try_elsewhere(std::uint32_t slot, std::uint16_t attempt, const sending& failed,
                                         time_point now);
  [[nodiscard]] error_code send_stream(std::uint32_t slot, std::size_t server, std::uint16_t attempt, time_point now);
  void ask_file(std::uint32_t slot, std::size_t server, std::uint16_t attempt);
  [[nodiscard]] query_message message_of(query_slot& of, std::uint16_t attempt, std::uint16_t id);
  [[nodiscard]] bool is_reply(std::uint64_t token, std::span<const std::uint8_t> message) const;
  void deliver(std::uint64_t token, std::span<const std::uint8_t> message, time_point now);
  void fail_all_waiting(udp_pool::slot on, const error_code& ec);
  void release(std::uint32_t slot, route& used, time_point now);
  void release_closed(std::uint32_t slot, time_point now);
  void finish(std::uint32_t slot, const error_code& status, time_point now);
  void settle(time_point now);
  void begin_waiting(time_point now);
  void drop_unused_servers();

  [[nodiscard]] std::uint64_t token_of(std::uint32_t slot, std::uint16_t attempt) const noexcept;
  [[nodiscard]] std::optional<attempt_failure> meaning_of(std::uint64_t token) const noexcept;
  [[nodiscard]] bool is_active(std::uint32_t slot, std::uint32_t generation) const noexcept;

  network& net_;
  options options_;
  server_registry servers_;
  udp_pool udp_;
  stream_pool streams_;
  deadline_heap deadlines_;
  answer_pool store_;
  std::deque<query_slot> slots_;  // a deque, because an exchange must not move
  std::vector<std::uint32_t> free_;
  std::deque<handle> queue_;
  std::deque<handle> finished_;
  std::deque<attempt_failure> failures_;          // rule 4
  std::vector<udp_pool::waiter> on_same_socket_;  // used during one call only
  std::vector<std::uint32_t> due_;                // used during one call only
  std::size_t active_ = 0;
  std::size_t waiting_ = 0;
  dns_client_statistics counts_;
};

}  // namespace sdconnect::detail
