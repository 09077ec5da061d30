/// \file
/// Which query goes on which TCP or TLS stream, and what becomes of it when the stream ends. No
/// sockets.
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

/// Every query ends in exactly one of on_message() returning it, take_failure() returning it,
/// give_up() by its owner. After every call that may end queries (all but the const ones) the
/// caller takes the failures.
///
///  1. Queries to a server share one open stream, up to `max_outstanding` at once; more streams are
///     opened up to `streams_per_server` when those are full, then queries wait for a place (RFC
///     7766 §6.2.1.1, §6.2.2).
///  2. The ID on the stream is the stream's: drawn until it is none under way there. A reply is
///     handed out with the ID its query came with; replies may come in any order (§7). One that
///     nobody asked for ends the stream.
///  3. A stream that ends, fails or stalls after it has answered something loses no query: those it
///     owes go to another stream (§6.2.4), each at most `max_moves` times. One that never answered
///     anything fails its queries.
///  4. A stream not open within `open_timeout`, or owing replies without a whole message for
///     `message_timeout`, is closed. A query that itself waited that long fails with
///     query_timed_out.
///  5. A stream that owes nothing stays open for `idle_timeout` (§6.2.3), and is closed when next
///     the clock is looked at. One that owes replies only to queries given up is closed: nothing on
///     it is of interest to anybody.
///  6. A server that ended a stream while owing replies may take one query at a time only: the next
///     stream begins with one, and with each further answer on one stream twice as many.
class stream_pool {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using query_id = std::uint64_t;  ///< the owner's token, unique among queries under way
  using stream_id = network::stream_id;

  struct options {
    std::function<std::uint16_t()> draw_id;
    std::size_t streams_per_server = 1;
    std::size_t max_outstanding = 100;
    std::chrono::milliseconds open_timeout{3000};     ///< TCP connect and TLS handshake
    std::chrono::milliseconds message_timeout{2000};  ///< X22 of the fault list
    std::chrono::milliseconds idle_timeout{10000};
    unsigned max_moves = 3;
  };

  struct failure {
    query_id query = 0;
    error_code error;
  };

  /// `net` must outlive the pool; its streams are not closed by the pool's destructor.
  stream_pool(network& net, std::size_t server_count, options with);

  /// Sends a query on a stream to `server`. The message is copied. An error is one of
  /// network::open_stream(), nothing was taken then. REQUIRES: 12 <= message.size() <= 65535.
  [[nodiscard]] error_code ask(std::size_t server, query_id query, std::span<const std::uint8_t> message,
                               time_point now);
  /// Its owner does not wait any more. Unknown ones are ignored.
  void give_up(query_id query, time_point now);

  void on_stream_open(stream_id stream, time_point now);
  /// The query this is the reply to; its ID is put into `message`. Empty when nobody waits for it.
  [[nodiscard]] std::optional<query_id> on_stream_message(stream_id stream, std::span<std::uint8_t> message,
                                                          time_point now);
  /// The network has closed it.
  void on_stream_closed(stream_id stream, error_code ec, time_point now);
  void on_timer(time_point now);

  /// There are more servers now, or the same number.
  void set_server_count(std::size_t count);
  /// Closes its streams. REQUIRES: no query to it is under way.
  void close_server(std::size_t server);
  /// Closes all streams, as after a change of networks; queries under way are sent anew on others.
  void restart(time_point now);

  /// Queries that failed, one a call.
  [[nodiscard]] std::optional<failure> take_failure();

  /// When on_timer() must be called for the queries under way; empty without any.
  [[nodiscard]] std::optional<time_point> deadline() const;
  /// When on_timer() would close an idle stream. Nobody needs to be woken for it.
  [[nodiscard]] std::optional<time_point> idle_deadline() const;
  /// Whether a query to `server` would go on a stream already open.
  [[nodiscard]] bool has_open_stream(std::size_t server) const;

 private:
  struct query_state {
    std::size_t server = 0;
    std::vector<std::uint8_t> message;
    std::uint64_t turn = 0;           // queries that change streams keep their order
    std::optional<stream_id> stream;  // none: it waits for a place
    std::uint16_t stream_query_id = 0;
    time_point sent{};
    unsigned moves = 0;
  };
  struct stream_state {
    std::size_t server = 0;
    bool is_open = false;
    std::size_t answered = 0;
    std::size_t wanted = 0;  // of `owed`, those not given up
    std::map<std::uint16_t, std::optional<query_id>> owed;
    time_point since{};  // of the connecting, the last whole message, or the first query after a pause
  };
  struct server_state {
    std::vector<stream_id> streams;
    std::deque<query_id> waiting;
    std::size_t window = 0;  // rule 6
  };

  [[nodiscard]] bool owes_something(const stream_state& of) const noexcept { return !of.is_open || !of.owed.empty(); }
  [[nodiscard]] time_point expiry(const stream_state& of) const;
  [[nodiscard]] result<std::optional<stream_id>> stream_with_room(std::size_t server, time_point now);
  void send(query_id id, stream_id on, time_point now);
  void send_waiting(std::size_t server, time_point now);
  void settle(stream_id id, time_point now);
  void forget(stream_id id);
  void end(stream_id id, error_code ec, time_point now);
  void fail(query_id id, error_code ec);

  network& network_;
  options options_;
  std::vector<server_state> servers_;
  std::map<stream_id, stream_state> streams_;
  std::unordered_map<query_id, query_state> queries_;
  std::deque<failure> failures_;
  std::uint64_t turns_ = 0;
};

}  // namespace sdconnect::detail
