/// \file
/// Every decision about one question: which server next, UDP or TCP, with or without EDNS, when to
/// give up. No sockets.
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

/// Feed it what happened; it says what to do. After done the outcome stands.
///
///  1. Servers are asked in the book's order, each for as long as the book says, doubled with every
///     further turn of the same server up to `first_timeout` or an eighth of the time there is, 10
///     s at most, never beyond the deadline. However short the deadline, every server gets
///     `attempts` turns before it.
///  2. Over UDP a datagram that does not match the query is counted and dropped, waiting goes on
///     (RFC 5452 §9.1). So is one that matches and cannot be read: it may be forged in part, and
///     the true one may follow. After 100 for one attempt no more of this query goes over UDP:
///     somebody is guessing.
///  3. TC: the datagram is thrown away and the same server asked over TCP (RFC 2181 §9, RFC 7766
///     §5). TC over TCP: nothing of it is used either.
///  4. FORMERR, NOTIMP, BADVERS to a query with EDNS: the same server once more without (RFC 6891
///     §7). Silence to a datagram with EDNS: its next turn goes without.
///  5. SERVFAIL, REFUSED, an answer that proves nothing, a closed port, a truncated answer without
///     TCP: this server has had its say, the next one is asked; when all had theirs, the best of
///     what they said is the outcome.
///  6. No descriptors or buffers here: the same again after 1 ms, 2 ms, ... 50 ms, from then on at
///     the next server, until the deadline.
///  7. A server's turn being over closes nothing: a late reply is as good, until the query ends.
///     The latest 8 attempts are open.
///  8. A demoted server that is due for a probe is asked beside the first attempt. A server silent
///     to two datagrams is asked over TCP beside the third: the path may lose fragments, or UDP.
///     What fails beside fails quietly. An answer that overtakes the probe is held until twice its
///     server's round trip is over, 5 to 50 ms since the beginning: or nobody would ever hear a
///     slower server again.
///  9. With `use_0x20` a datagram counts only if it repeats the letter case of the question. A
///     server known not to is asked over TCP, where case does not matter.
/// 10. AD is asked for (RFC 6840 §5.7) and believed only where `trusts_ad`.
class exchange {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct server_info {
    std::string label;
    bool is_file = false;
    bool trusts_ad = false;
    bool stream_only = false;                   ///< TLS
    dns_transport stream = dns_transport::tcp;  ///< how reports call its streams
  };

  /// Shared by the queries to one set of servers.
  struct options {
    std::vector<server_info> servers;  ///< must not be empty
    bool tcp_only = false;
    bool use_0x20 = false;
    std::chrono::milliseconds first_timeout{1000};
    unsigned attempts = 2;  ///< rule 1
  };

  enum class step : std::uint8_t { send_udp, send_stream, ask_file, wait, done };
  /// Small enough to travel in registers, as it does several times for each message.
  struct action {
    step what = step::done;
    std::uint16_t server = 0;   ///< of send_* and ask_file
    std::uint32_t attempt = 0;  ///< of send_* and ask_file: 0, 1, 2, ... in the order of report.attempts
    time_point until{};         ///< of wait: call on_timer then, if nothing else happened
  };

  /// Attempt n closes attempt n - max_open.
  static constexpr std::size_t max_open = 8;

  /// `with`, `book` and `store` must outlive the exchange, and the first two be about the same
  /// servers.
  exchange(const question& asked, const options& with, server_statistics& book, answer_pool& store,
           time_point deadline);

  /// Every function that returns an action: send what it says and report a failure to do so by
  /// on_failure, else call next(); until it says wait or done.
  [[nodiscard]] action start(time_point now);
  [[nodiscard]] action next() noexcept;

  /// What to send for an action, with the caller's unpredictable ID, unused where it is sent; once
  /// for each action. `random_case`: 64 unpredictable bits when `use_0x20`, else without meaning.
  [[nodiscard]] query_message query(std::size_t attempt, std::uint16_t id, std::uint64_t random_case = 0);

  /// What came for an attempt, by socket or stream and ID. Ignored when that attempt is closed.
  [[nodiscard]] action on_message(std::size_t attempt, std::span<const std::uint8_t> message, time_point now);
  /// A datagram with an ID that nobody waits for came to this attempt's socket.
  [[nodiscard]] action on_foreign_datagram(std::size_t attempt, time_point now);
  /// It could not be sent, or the socket failed: refused, unreachable, reset, the stream ended, no
  /// descriptor or buffer.
  [[nodiscard]] action on_failure(std::size_t attempt, const error_code& ec, time_point now);
  [[nodiscard]] action on_timer(time_point now);
  /// Nobody waits for the answer any more.
  void stop(const error_code& why, time_point now);

  /// Whether a message for it would still be read; its ID is in use until then.
  [[nodiscard]] bool is_open(std::size_t attempt) const noexcept;
  [[nodiscard]] bool is_done() const noexcept { return done_; }
  [[nodiscard]] const question& asked() const noexcept { return result_.report.asked; }
  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

  /// After done or stop().
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
    bool truncated = false;      // rule 3
    bool stream_hedged = false;  // rule 8
    std::uint8_t turns = 0;      // rule 1; the repetitions of rules 3, 4 and 6 belong to the same turn
    std::uint8_t silences = 0;   // turns over UDP that nobody answered in time
  };

  struct attempt_state {
    std::uint64_t random_case = 0;
    time_point began{};
    std::uint32_t number = 0;
    std::uint16_t id = 0;
    std::uint8_t server = 0;  // in servers_, as everywhere below
    path over = path::udp;
    bool edns = false;
    bool open = false;
    bool noted = false;  // the report has a result for it
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
  [[nodiscard]] std::chrono::steady_clock::duration patience(std::size_t server, path over,
                                                             time_point now) const noexcept;
  [[nodiscard]] attempt_state* find(std::size_t attempt) noexcept;
  [[nodiscard]] bool is_current(const attempt_state& of) const noexcept { return of.number == current_; }
  void note_heard(const attempt_state& of, time_point now) noexcept;
  void note_edns(const attempt_state& of, bool is_answer, time_point now) noexcept;
  void note(attempt_state& of, const error_code& ec, time_point now);
  void close(attempt_state& of, const error_code& ec, time_point now);
  void abandon(attempt_state& of, const error_code& ec, time_point now);  // unless the report says more already
  void abandon_all(const error_code& ec, time_point now);
  void finish_server(std::size_t server, const error_code& meaning) noexcept;

  const options& options_;
  server_statistics& book_;
  answer_pool& store_;
  time_point deadline_;
  time_point began_{};
  time_point until_{};
  boost::container::static_vector<server_state, server_statistics::max_asked> servers_;
  boost::container::static_vector<attempt_state, max_open> attempts_;  // number n at n % max_open
  std::size_t current_ = 0;  // the attempt that until_ is about; the others are late or beside
  std::size_t current_server_ = 0;
  path current_path_ = path::udp;
  action beside_{step::wait, 0, 0, {}};  // what next() has to hand out
  bool paused_ = false;                  // rule 6
  bool streams_only_ = false;            // rule 2
  std::optional<std::size_t> probe_;     // rule 8: the attempt
  bool holds_answer_ = false;            // rule 8
  bool done_ = false;
  unsigned local_failures_ = 0;  // rule 6
  error_code local_error_;
  error_code best_error_;
  query_result result_;
};

}  // namespace sdconnect::detail
