/// \file
/// Assigns queries to TCP and TLS streams, and decides what happens to them when the stream ends.
/// Uses no sockets.
#pragma once

#include "transport/engine/network.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace sdconnect::detail {

/// Every query ends in exactly one way: on_stream_message() returns it, take_failure() returns it,
/// or its owner calls give_up(). After every call that may end queries (all but the const ones) the
/// caller takes the failures and the stalled queries.
///
///  1. Queries to a server share one open stream, up to `max_outstanding` at once. When it is full,
///     the pool opens more streams, up to `streams_per_server`; then queries wait for a place
///     (RFC 7766 §6.2.1.1, §6.2.2).
///  2. The pool chooses the ID on the stream: a random one, or the next one that is not in use
///     there. It returns a reply with the ID that its query came with; replies may come in any
///     order (§7). The pool drops a reply to no query, or to another question; after 100 of them it
///     ends the stream.
///  3. If a stream ends or fails, its unanswered queries move to another stream (§6.2.4), each at
///     most `max_moves` times. They fail if the failure is_lasting(), or if more than `max_moves`
///     streams in a row have ended without any answer.
///  4. A stream that is not open within `open_timeout`, or that owes replies and receives no whole
///     message for `message_timeout`, has stalled: it takes no more queries. Its replies still
///     count, and it stays until its queries end. take_stalled() names them, once each: their owner
///     may ask the same again, on another stream.
///  5. A stream that owes nothing stays open for `idle_timeout` (§6.2.3), and is closed when the
///     pool next looks at the clock. A stream that owes replies only to queries given up is closed
///     at once: no caller needs it.
///  6. A server that ended an open stream while it owed replies may take only one query at a time:
///     the next stream begins with one, and each further answer on one stream doubles the number.
class stream_pool {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using query_id = std::uint64_t;  ///< the owner's token, unique among pending queries
  using stream_id = network::stream_id;

  struct options {
    std::function<std::uint16_t()> draw_id;
    /// Whether the message, with the query's own ID, is a reply to the query; rule 2.
    std::function<bool(query_id, std::span<const std::uint8_t> message)> matches;
    std::size_t streams_per_server = 1;
    std::size_t max_outstanding = 100;
    std::chrono::milliseconds open_timeout{3000};     ///< TCP connect and TLS handshake
    std::chrono::milliseconds message_timeout{2000};  ///< FAULTS X22
    std::chrono::milliseconds idle_timeout{10000};
    unsigned max_moves = 3;
    std::size_t max_stalled = 8;  ///< stalled streams to a server; the pool ends the oldest beyond them
  };

  struct failure {
    query_id query = 0;
    error_code error;
  };

  struct received {
    bool was_owed = false;          ///< the stream owes one reply less
    std::optional<query_id> query;  ///< the query that the message answers, if its owner still waits
  };

  /// `net` must outlive the pool. The pool's destructor does not close its streams.
  stream_pool(network& net, std::size_t server_count, options with);

  /// Sends a query on a stream to `server`. Copies the message. Errors: those of
  /// network::open_stream(); the pool has not taken the query then. REQUIRES: 12 <= message.size()
  /// <= 65535.
  [[nodiscard]] error_code ask(std::size_t server, query_id query, std::span<const std::uint8_t> message,
                               time_point now);
  /// Ends a query whose owner no longer waits. Ignores unknown queries.
  void give_up(query_id query, time_point now);

  void on_stream_open(stream_id stream, time_point now);
  /// If the message answers a query, writes the query's own ID into it.
  [[nodiscard]] received on_stream_message(stream_id stream, std::span<std::uint8_t> message, time_point now);
  /// Reports that the network has closed the stream.
  void on_stream_closed(stream_id stream, error_code ec, time_point now);
  void on_timer(time_point now);

  /// Sets the number of servers, which never decreases.
  void set_server_count(std::size_t count);
  /// Closes the server's streams. REQUIRES: no query to it is pending.
  void close_server(std::size_t server);
  /// Closes all streams, e.g. after a change of networks, and sends pending queries again on new
  /// ones.
  void restart(time_point now);

  /// Returns the queries that failed, one per call.
  [[nodiscard]] std::optional<failure> take_failure();
  /// Returns the queries whose stream has stalled, one per call. They have not ended.
  [[nodiscard]] std::optional<query_id> take_stalled();

  /// Whether the query was sent on a stream that is not open yet.
  [[nodiscard]] bool is_connecting(query_id query) const;
  /// When to call on_timer() for the pending queries; empty if there are none.
  [[nodiscard]] std::optional<time_point> deadline() const;
  /// When on_timer() would close an idle stream. No wake-up is needed for it.
  [[nodiscard]] std::optional<time_point> idle_deadline() const;
  /// Whether a stream to `server` is already open.
  [[nodiscard]] bool has_open_stream(std::size_t server) const;

 private:
  struct query_state {
    std::size_t server = 0;
    std::vector<std::uint8_t> message;
    std::uint64_t turn = 0;           // keeps the order of queries that change streams
    std::optional<stream_id> stream;  // empty: the query waits for a place
    std::uint16_t stream_query_id = 0;
    unsigned moves = 0;
  };
  struct stream_state {
    std::size_t server = 0;
    bool is_open = false;
    bool is_stalled = false;
    std::size_t answered = 0;
    std::size_t dropped = 0;
    std::size_t wanted = 0;  // those in `owed` that were not given up
    std::map<std::uint16_t, std::optional<query_id>> owed;
    time_point since{};  // start of connecting, the last whole message, or the first query after a pause
  };
  struct server_state {
    std::vector<stream_id> streams;  // those that have not stalled
    std::vector<stream_id> stalled;
    std::deque<query_id> waiting;
    std::size_t window = 0;    // rule 6
    unsigned without_use = 0;  // streams in a row that ended without any answer, rule 3
  };

  [[nodiscard]] bool owes_something(const stream_state& of) const noexcept { return !of.is_open || !of.owed.empty(); }
  [[nodiscard]] time_point expiry(const stream_state& of) const;
  [[nodiscard]] result<std::optional<stream_id>> stream_with_room(std::size_t server, time_point now);
  void send(query_id id, stream_id on, time_point now);
  void send_waiting(std::size_t server, time_point now);
  void settle(stream_id id, time_point now);
  void forget(stream_id id);
  void drop(stream_id id, time_point now);
  void stall(stream_id id, time_point now);
  void end(stream_id id, error_code ec, time_point now);
  void fail(query_id id, error_code ec);

  network& network_;
  options options_;
  std::vector<server_state> servers_;
  std::map<stream_id, stream_state> streams_;
  std::unordered_map<query_id, query_state> queries_;
  std::deque<failure> failures_;
  std::deque<query_id> stalled_queries_;
  std::uint64_t turns_ = 0;
};

}  // namespace sdconnect::detail
