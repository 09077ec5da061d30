/// \file
/// Makes every decision about one question: which server next, UDP or TCP, with or without EDNS,
/// when to give up. Uses no sockets.
#pragma once

#include "sdconnect/dns/answer.hpp"
#include "sdconnect/dns/query.hpp"
#include "sdconnect/transport/dns_client_options.hpp"
#include "sdconnect/transport/query_report.hpp"
#include "transport/question/answer_pool.hpp"
#include "transport/question/server_statistics.hpp"

#include <boost/container/static_vector.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// Report events to the exchange; it returns what to do. After `done` the outcome does not change.
///
///  1. The exchange asks the servers in the order of the statistics (`book`), each for the time
///     that the statistics give. That time doubles with every further turn of the same server, up
///     to `first_timeout` or, if it is longer, an eighth of the available time, which counts as 10
///     s at most; it never exceeds the deadline. However short the deadline, every server gets
///     `attempts` turns before it.
///  2. Over UDP the exchange counts and drops a datagram that does not match the query, and
///     continues to wait (RFC 5452 §9.1). It does the same with a datagram that matches but cannot
///     be read: parts of it may be forged, and the true one may follow. After 100 for one attempt,
///     nothing more of this query goes over UDP: somebody is guessing.
///  3. TC: the exchange discards the datagram and asks the same server over TCP (RFC 2181 §9,
///     RFC 7766 §5). It does not use an answer with TC over TCP either. A stream gets all the time
///     until the deadline: its turns only say when the other servers are asked too. A second query
///     goes to the same server only if the stream stalls.
///  4. FORMERR, NOTIMP, BADVERS to a query with EDNS: the exchange asks the same server once more
///     without EDNS (RFC 6891 §7). Silence to a datagram with EDNS: the server's next turn is
///     without EDNS.
///  5. SERVFAIL, REFUSED or the like, a stream that ends without an answer: the exchange asks the
///     next server, and this one again 100 ms later, then 200 ms, 400 ms, ... 1 s, until it has
///     failed `attempts` times. A zone file, an answer that proves nothing, a closed port, a
///     truncated answer without TCP, a certificate: the exchange is finished with this server at
///     once. When it is finished with all of them, or at the deadline, the most significant of their
///     results is the outcome.
///  6. No local descriptors or buffers: the exchange tries the same again after 1 ms, 2 ms, ... 50
///     ms, from then on at the next server, until the deadline.
///  7. The end of a server's turn closes nothing: a late reply counts until the query ends. The
///     latest 8 attempts are open.
///  8. The exchange asks a demoted server that is due for a probe in parallel with the first
///     attempt. It asks a server that was silent to two datagrams over TCP in parallel with the
///     third: the path may lose fragments, or UDP. A failure of such a parallel stream does not
///     count. If an answer comes before the reply to the probe, the exchange holds the answer until
///     twice the round trip of the probed server, 5 to 50 ms since the start: otherwise no reply of
///     a slower server would ever be received.
///  9. With `use_0x20` a datagram counts only if it repeats the letter case of the question. The
///     exchange asks a server known not to repeat it over TCP, where case does not matter.
/// 10. The exchange requests AD (RFC 6840 §5.7) and believes it only where `trusts_ad`.
/// 11. NODATA without a SOA (answer::is_unproven) is the outcome if each other server has failed or
///     had a turn without a better answer.
class exchange {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct server_info {
    std::string label;
    bool is_file = false;
    bool trusts_ad = false;
    bool stream_only = false;                   ///< TLS
    dns_transport stream = dns_transport::tcp;  ///< the name of its streams in reports
  };

  /// Options shared by the queries to one set of servers.
  struct options {
    std::vector<server_info> servers;  ///< must not be empty
    answer_scope scope;                ///< what their answers may speak for
    bool tcp_only = false;
    bool use_0x20 = false;
    std::chrono::milliseconds first_timeout{1000};
    unsigned attempts = 2;  ///< rule 1
  };

  enum class step : std::uint8_t { send_udp, send_stream, ask_file, wait, done };
  /// Small enough to be passed in registers, because it is passed several times for each message.
  struct action {
    step what = step::done;
    std::uint16_t server = 0;   ///< for send_* and ask_file
    std::uint32_t attempt = 0;  ///< for send_* and ask_file: 0, 1, 2, ... in the order of report.attempts
    time_point until{};         ///< for wait: call on_timer() then, if nothing else happened
  };

  /// Attempt n closes attempt n - max_open.
  static constexpr std::size_t max_open = 8;

  /// `with`, `book` and `store` must outlive the exchange. `with` and `book` must describe the same
  /// servers.
  exchange(const question& asked, const options& with, server_statistics& book, answer_pool& store,
           time_point deadline);

  /// Applies to every function that returns an action: perform the action. If that fails, call
  /// on_failure(), otherwise next(), until the result is wait or done.
  [[nodiscard]] action start(time_point now);
  [[nodiscard]] action next() noexcept;

  /// Returns the message to send for an action; call it once for each action. `id` must be
  /// unpredictable, and not in use where the message is sent. `random_case`: 64 unpredictable bits
  /// with `use_0x20`, otherwise without meaning.
  [[nodiscard]] query_message query(std::size_t attempt, std::uint16_t id, std::uint64_t random_case = 0);

  /// Reports a message for an attempt, found by socket or stream and ID. Ignored if that attempt is
  /// closed.
  [[nodiscard]] action on_message(std::size_t attempt, std::span<const std::uint8_t> message, time_point now);
  /// Reports that a datagram with an ID that no query waits for came to this attempt's socket.
  [[nodiscard]] action on_foreign_datagram(std::size_t attempt, time_point now);
  /// Reports that the message could not be sent, or that the socket failed: refused, unreachable,
  /// reset, the stream ended, no descriptor or buffer.
  [[nodiscard]] action on_failure(std::size_t attempt, const error_code& ec, time_point now);
  /// Reports that the attempt's stream stalled: a reply may still come, but need not.
  [[nodiscard]] action on_stall(std::size_t attempt, time_point now);
  [[nodiscard]] action on_timer(time_point now);
  /// Reports, after the end, that the attempt's stream was still not connected then.
  void on_unconnected(std::size_t attempt) noexcept;
  /// Ends the exchange: no caller waits for the answer any more.
  void stop(const error_code& why, time_point now);

  /// Whether a message with the attempt's ID is a reply to its question.
  [[nodiscard]] bool is_reply(std::size_t attempt, std::span<const std::uint8_t> message) const noexcept;
  /// Whether the exchange would still read a message for the attempt; its ID is in use until then.
  [[nodiscard]] bool is_open(std::size_t attempt) const noexcept;
  [[nodiscard]] bool is_done() const noexcept { return done_; }
  [[nodiscard]] const question& asked() const noexcept { return result_.report.asked; }
  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

  /// Valid after done or stop().
  [[nodiscard]] error_code status() const noexcept { return result_.report.status; }
  [[nodiscard]] query_result&& take_result() noexcept { return std::move(result_); }

 private:
  enum class path : std::uint8_t { udp, stream, file };

  struct server_state {
    std::uint16_t index = 0;  // in options_.servers
    bool edns = true;
    bool edns_refused = false;   // rule 4
    bool edns_silent = false;    // rule 4
    bool finished = false;       // rule 5
    bool failed = false;         // its latest turn ended with a failure, rule 5
    time_point rests_until{};    // rule 5
    bool truncated = false;      // rule 3
    bool stream_hedged = false;  // rule 8
    std::uint8_t turns = 0;      // rule 1; the repetitions of rules 3, 4 and 6 belong to the same turn
    std::uint8_t silences = 0;   // turns over UDP without a reply in time
    std::uint8_t failures = 0;   // rule 5
  };

  struct attempt_state {
    std::uint64_t random_case = 0;
    time_point began{};
    std::uint32_t number = 0;
    std::uint16_t id = 0;
    std::uint8_t server = 0;  // index in servers_, as everywhere below
    path over = path::udp;
    bool edns = false;
    bool open = false;
    bool stalled = false;  // of a stream, rule 3
    bool noted = false;    // the report has a result for it
  };

  [[nodiscard]] action take_turn(std::size_t server, time_point now);
  [[nodiscard]] action send(std::size_t server, path over, time_point now);
  [[nodiscard]] action send_to_next(time_point now);
  [[nodiscard]] action ask_over_stream(std::size_t server, time_point now);
  [[nodiscard]] action open_attempt(std::size_t server, path over, time_point now);
  [[nodiscard]] action retry_after_pause(time_point now);
  [[nodiscard]] action finish(const error_code& status, time_point now);
  [[nodiscard]] action finish_or_hold(const error_code& status, time_point now);

  [[nodiscard]] action on_truncated(attempt_state& of, time_point now);
  [[nodiscard]] action on_probed(attempt_state& of, std::span<const std::uint8_t> message, time_point now);
  [[nodiscard]] action on_answer(attempt_state& of, answer& received, time_point now);
  [[nodiscard]] action on_edns_refused(attempt_state& of, time_point now);
  [[nodiscard]] action on_local_failure(attempt_state& of, const error_code& ec, time_point now);
  [[nodiscard]] action discard(attempt_state& of, time_point now);
  [[nodiscard]] action fail_path(attempt_state& of, const error_code& ec, const error_code& meaning, time_point now);
  [[nodiscard]] action fail_server(attempt_state& of, const error_code& ec, const error_code& meaning, time_point now);

  [[nodiscard]] path path_to(std::size_t server, time_point now) const noexcept;
  [[nodiscard]] bool is_stream_server(std::size_t server) const noexcept;
  [[nodiscard]] bool has_asked_all() const noexcept;
  [[nodiscard]] std::chrono::steady_clock::duration patience(std::size_t server, path over,
                                                             time_point now) const noexcept;
  [[nodiscard]] attempt_state* find(std::size_t attempt) noexcept;
  [[nodiscard]] error_code outcome_of(const error_code& status) const noexcept;
  [[nodiscard]] bool is_current(const attempt_state& of) const noexcept { return of.number == current_; }
  void note_heard(const attempt_state& of, time_point now) noexcept;
  void note_edns(const attempt_state& of, bool is_answer, time_point now) noexcept;
  void note(attempt_state& of, const error_code& ec, time_point now);
  void close(attempt_state& of, const error_code& ec, time_point now);
  void abandon(attempt_state& of, const error_code& ec, time_point now);  // keeps a result that the report already has
  void abandon_all(const error_code& ec, time_point now);
  void note_failure(const attempt_state& of, const error_code& ec, const error_code& meaning, time_point now) noexcept;

  const options& options_;
  server_statistics& book_;
  answer_pool& store_;
  time_point deadline_;
  time_point began_{};
  time_point until_{};
  boost::container::static_vector<server_state, server_statistics::max_asked> servers_;
  boost::container::static_vector<attempt_state, max_open> attempts_;  // number n is at n % max_open
  std::size_t current_ = 0;  // the attempt that until_ belongs to; the others are late or parallel
  std::size_t current_server_ = 0;
  path current_path_ = path::udp;
  action beside_{step::wait, 0, 0, {}};  // the parallel attempt that next() returns
  bool paused_ = false;                  // rule 6
  bool rests_ = false;                   // rule 5: nobody is asked until until_
  bool streams_only_ = false;            // rule 2
  std::optional<std::size_t> probe_;     // rule 8: the attempt's number
  bool holds_answer_ = false;            // rule 8
  bool done_ = false;
  unsigned local_failures_ = 0;  // rule 6
  error_code local_error_;
  error_code best_error_;
  query_result result_;
};

}  // namespace sdconnect::detail
