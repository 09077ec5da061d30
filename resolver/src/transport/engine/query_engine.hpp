/// \file
/// All questions under way to name servers: what is sent for them, what comes back, and when. No
/// sockets, no clock.
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

/// Tell it what happened; it uses the network. After every call that is not const
///   - take_finished() until there is none: no question ends anywhere else, and each exactly once;
///   - next_deadline() says when to call on_timer().
///
///  1. At most `max_in_flight` questions are under way; more wait in a queue, first come first
///     served, and time out there like any other.
///  2. A datagram belongs to the question that waits on its socket with its ID; the question's own
///     test of the rest is the exchange's. One that belongs to none counts against all who wait on
///     that socket: somebody is guessing (RFC 5452 §9.1, FAULTS X2). The socket takes no more
///     queries: what else is in its buffer may be guesses, too, and must not wait there for the
///     next ID.
///  3. A socket that fails (ICMP) fails for all who wait on it, once, and takes no more queries
///     (X17). A failure met in sending may stem from an earlier query: the others who wait hear of
///     it, and the query is sent on another socket.
///  4. What one question's failure leads to for others is done after it, in a loop (X18).
class query_engine {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct options {
    server_registry::options servers;
    std::size_t max_in_flight = 256;
    std::chrono::milliseconds stream_idle_timeout{10000};
    std::function<std::uint16_t()> draw;  ///< unpredictable 16-bit values
  };

  /// A question, until it was taken as finished; then never again.
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

  /// `net` must outlive the engine; it numbers servers as they come in `with.servers.sets`, equal
  /// ones once.
  query_engine(network& net, options with);

  [[nodiscard]] const server_registry& servers() const noexcept { return servers_; }

  [[nodiscard]] handle submit(const question& asked, time_point deadline, time_point now);
  /// It finishes with operation_aborted. Ignored after the end.
  void cancel(handle query, time_point now);

  void on_datagram(network::socket_id socket, std::span<const std::uint8_t> message, time_point now);
  /// How many replies may come on it.
  [[nodiscard]] std::size_t awaited_on(network::socket_id socket) const;
  /// The socket on which a reply may come, if one in all may come.
  [[nodiscard]] std::optional<network::socket_id> only_awaited() const noexcept { return udp_.only_awaited(); }
  void on_udp_error(network::socket_id socket, error_code ec, time_point now);
  /// What send_udp() took with this ID could not be sent.
  void on_unsent(network::socket_id socket, std::uint16_t id, error_code ec, time_point now);
  void on_stream_open(network::stream_id stream, time_point now);
  void on_stream_message(network::stream_id stream, std::span<std::uint8_t> message, time_point now);
  void on_stream_closed(network::stream_id stream, error_code ec, time_point now);
  void on_file_reply(std::uint64_t query, std::span<const std::uint8_t> message, time_point now);
  void on_timer(time_point now);

  /// Queries sent in between leave together.
  void begin_burst() { udp_.begin_burst(); }
  void end_burst() noexcept { udp_.end_burst(); }

  /// In the order in which they ended.
  [[nodiscard]] std::optional<finished> take_finished();
  /// For a result that nobody needs any more: its storage serves again.
  void recycle(query_result&& used) { store_.give_back(std::move(used.answer)); }
  [[nodiscard]] std::size_t finished_count() const noexcept { return finished_.size(); }
  /// Empty when no question is under way or waits: nobody needs to be woken then.
  [[nodiscard]] std::optional<time_point> next_deadline() const;

  /// For questions that begin from now on; those under way end with the servers they have.
  void replace_servers(const server_registry::options& with);
  /// Sockets and streams open now take no more queries; those that owe nothing are closed.
  void reset_connections(time_point now);
  /// With nothing under way: closes the UDP sockets. They are cheap to open again, and each is a
  /// descriptor and an open port.
  void rest(time_point now);

  [[nodiscard]] bool has_questions() const noexcept { return active_ + waiting_ != 0; }
  [[nodiscard]] bool has_open_sockets() const noexcept { return udp_.open_sockets() != 0; }
  /// Without streams_opened, which is the network's to count.
  [[nodiscard]] dns_client_statistics statistics() const noexcept;

 private:
  enum class stage : std::uint8_t { free, waiting, active, finished };
  enum class path : std::uint8_t { none, udp, stream, file };

  /// How a message that may still be answered was sent.
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
    boost::container::static_vector<route, exchange::max_open> routes;  // of attempt n at n % max_open
    error_code status;                                                  // of one that ended without an exchange
  };
  struct sending {
    error_code ec;
    udp_pool::slot socket = udp_pool::no_slot;  // that it was given to
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
  std::deque<query_slot> slots_;  // a deque: an exchange does not move
  std::vector<std::uint32_t> free_;
  std::deque<handle> queue_;
  std::deque<handle> finished_;
  std::deque<attempt_failure> failures_;          // rule 4
  std::vector<udp_pool::waiter> on_same_socket_;  // for a moment
  std::vector<std::uint32_t> due_;                // for a moment
  std::size_t active_ = 0;
  std::size_t waiting_ = 0;
  dns_client_statistics counts_;
};

}  // namespace sdconnect::detail
