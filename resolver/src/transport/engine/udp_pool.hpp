/// \file
/// Chooses the socket, and so the source port, of a query (RFC 5452 §9.2; the reasons are in
/// decision 11).
#pragma once

#include "transport/engine/network.hpp"

#include <boost/container/small_vector.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Keeps the UDP sockets of all servers, and the queries that wait for a reply on each.
///
///  1. While fewer than 64 sockets of a server take queries, each query opens another one, bound to
///     a port drawn uniformly from 1024..65535. If the port is in use, the pool draws again; if the
///     system refuses 16 ports in a row, the system chooses one.
///  2. With 64 sockets a query takes one of them, drawn uniformly from all except the one used
///     before: A and AAAA, which follow each other, do not share a port (FAULTS X31).
///  3. After 32 queries or 2 s a socket takes no more. The pool closes it when no query waits on it
///     any longer.
///  4. Queries that are sent together, in a burst, share a socket drawn for it, and those for AAAA
///     share another. So several can be sent and received at once, and A and AAAA still do not
///     share a socket. The pool prefers sockets that have received an answer: a NAT may lose one of
///     several datagrams that are the first of their socket (X31).
///  5. Without a descriptor for another socket, the pool uses the open ones, whatever their number.
class udp_pool {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using slot = std::uint32_t;  ///< identifies a socket; valid while a query waits on it

  static constexpr slot no_slot = UINT32_MAX;
  static constexpr std::size_t most_sockets = 64;
  static constexpr std::uint32_t queries_per_socket = 32;
  static constexpr std::chrono::seconds age_limit{2};

  /// In a burst, queries of different kinds do not share a socket, if there are at least two.
  enum class kind : std::uint8_t { usual, aaaa };

  /// A sent message that may be answered.
  struct waiter {
    std::uint16_t id = 0;
    std::uint16_t attempt = 0;
    std::uint32_t query = 0;
  };

  /// `draw` returns unpredictable 16-bit values.
  udp_pool(network& net, std::function<std::uint16_t()> draw);
  udp_pool(const udp_pool&) = delete;
  udp_pool& operator=(const udp_pool&) = delete;
  /// Closes all sockets.
  ~udp_pool();

  /// Returns the socket for the next query to `server`, and adds `waiting` to it. Errors: those of
  /// open_udp.
  [[nodiscard]] result<slot> take(std::size_t server, const waiter& waiting, kind of, time_point now);
  void begin_burst();
  void end_burst() noexcept { is_in_burst_ = false; }
  void forget(slot at, std::uint32_t query, std::uint16_t attempt);

  [[nodiscard]] std::optional<slot> find(network::socket_id socket) const {
    if (socket >= by_id_.size() || by_id_[socket] == no_slot) return std::nullopt;
    return by_id_[socket];
  }
  [[nodiscard]] network::socket_id socket(slot at) const noexcept { return sockets_[at].id; }
  [[nodiscard]] std::size_t server(slot at) const noexcept { return sockets_[at].server; }
  [[nodiscard]] std::span<const waiter> waiting(slot at) const noexcept { return sockets_[at].waiting; }
  /// Returns the socket with a waiting query, if only one message in all is awaited.
  [[nodiscard]] std::optional<network::socket_id> only_awaited() const noexcept {
    if (awaited_ != 1 || sockets_[last_taken_].waiting.size() != 1) return std::nullopt;
    return sockets_[last_taken_].id;
  }

  /// Make one socket, those of a server, or all take no more queries.
  void retire(slot at);
  void retire_server(std::size_t server);
  void retire_all();

  /// When to call retire_old(): it also closes sockets that are not used any more.
  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept { return sweep_at_; }
  void retire_old(time_point now);

  [[nodiscard]] std::size_t open_sockets() const noexcept { return open_; }
  [[nodiscard]] std::uint64_t sockets_opened() const noexcept { return opened_; }

 private:
  struct socket_state {
    network::socket_id id = 0;
    std::size_t server = 0;
    std::uint32_t queries = 0;
    bool takes_queries = false;
    time_point too_old{};
    boost::container::small_vector<waiter, 4> waiting;  // usually one or two
  };
  struct server_state {
    std::vector<slot> usable;  // the oldest first
    std::optional<network::socket_id> last;
    std::array<slot, 2> burst{no_slot, no_slot};  // by kind
  };

  [[nodiscard]] result<slot> open(std::size_t server, time_point now);
  [[nodiscard]] slot draw_usable(const server_state& from, slot other);
  [[nodiscard]] slot draw_for_burst(server_state& from, kind of);
  [[nodiscard]] std::uint16_t draw_port();
  [[nodiscard]] std::size_t draw_below(std::size_t limit);
  void retire_old_of(server_state& of, time_point now);
  void close_if_done(slot at);

  network& net_;
  std::function<std::uint16_t()> draw_;
  std::vector<server_state> servers_;
  std::vector<socket_state> sockets_;
  std::vector<slot> free_;
  std::vector<slot> by_id_;  // no_slot: not an open socket
  std::size_t open_ = 0;
  std::size_t awaited_ = 0;
  slot last_taken_ = 0;
  bool is_in_burst_ = false;
  std::optional<time_point> sweep_at_;
  std::uint64_t opened_ = 0;
};

}  // namespace sdconnect::detail
