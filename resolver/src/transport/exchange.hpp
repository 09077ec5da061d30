/// \file
/// Every decision about one question: which server next, UDP or TCP, with or without EDNS, when to give up. No
/// sockets.
#pragma once

#include "sdconnect/dns/answer.hpp"
#include "sdconnect/dns/message_reader.hpp"
#include "sdconnect/dns/query.hpp"
#include "sdconnect/transport/dns_client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sdconnect {

/// Feed it what happened; it says what to do. After done the outcome stands.
///
///  1. Servers are asked in turn, each for `first_timeout`, doubled with every further turn of the same server, never
///     beyond the deadline.
///  2. Over UDP a datagram that does not match the query is counted and dropped, waiting goes on (RFC 5452 §9.1). So
///     is one that matches and cannot be read: it may be forged in part, and the true one may follow.
///  3. TC: the datagram is thrown away and the same server asked over TCP (RFC 2181 §9, RFC 7766 §5). TC over TCP:
///     nothing of it is used either.
///  4. FORMERR, NOTIMP, BADVERS to a query with EDNS: the same server once more without (RFC 6891 §7). Silence to a
///     query with EDNS: its next turn goes without.
///  5. SERVFAIL, REFUSED, an answer that proves nothing, a closed port, a truncated answer without TCP: this server
///     has had its say, the next one is asked; when all had theirs, the best of what they said is the outcome.
///  6. No descriptors or buffers here: the same again after a pause, until the deadline.
class exchange {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct server_info {
    std::string label;
    bool is_file = false;
  };

  struct settings {
    std::vector<server_info> servers;  ///< must not be empty
    std::size_t first_server = 0;
    bool tcp_only = false;
    std::chrono::milliseconds first_timeout{1000};
    time_point deadline;
    std::function<std::uint16_t()> draw_id;
  };

  enum class step { send_udp, send_tcp, wait, done };
  struct action {
    step what = step::done;
    std::size_t server = 0;  ///< of send_*
    time_point until{};      ///< call on_timer then, if nothing else happened
  };

  exchange(const question& asked, settings with);

  [[nodiscard]] action start(time_point now);
  /// The octets to send after an action send_*.
  [[nodiscard]] std::span<const std::uint8_t> query() const noexcept { return query_.octets(); }
  /// What the latest action send_* asked for.
  [[nodiscard]] dns_transport over() const noexcept { return over_; }

  [[nodiscard]] action on_datagram(std::span<const std::uint8_t> message, time_point now);
  [[nodiscard]] action on_stream_message(std::span<const std::uint8_t> message, time_point now);
  /// The socket failed: refused, unreachable, reset, or the stream ended.
  [[nodiscard]] action on_network_failure(error_code ec, time_point now);
  /// No descriptor or buffer could be had.
  [[nodiscard]] action on_local_failure(error_code ec, time_point now);
  [[nodiscard]] action on_timer(time_point now);
  /// Nobody waits for the answer any more.
  void stop(error_code why, time_point now);

  /// After done or stop().
  [[nodiscard]] error_code status() const noexcept { return report_.status; }
  [[nodiscard]] query_result take_result();

 private:
  struct server_state {
    bool edns = true;
    bool finished = false;  // rule 5
    unsigned turns = 0;     // rule 1; the repetitions of rules 3, 4 and 6 belong to the same turn
  };

  [[nodiscard]] action take_turn(std::size_t server, time_point now);
  [[nodiscard]] action send(std::size_t server, dns_transport over, time_point now);
  [[nodiscard]] action send_to_next(time_point now);
  [[nodiscard]] action keep_waiting() const noexcept;
  [[nodiscard]] action on_reply(std::span<const std::uint8_t> message, time_point now);
  [[nodiscard]] action on_answer(answer received, time_point now);
  [[nodiscard]] action fail_server(error_code ec, time_point now);
  [[nodiscard]] action finish(error_code status);
  void close_attempt(error_code ec, time_point now);

  question asked_;
  settings settings_;
  std::vector<server_state> servers_;
  query_message query_;
  std::uint16_t id_ = 0;
  std::size_t current_ = 0;
  dns_transport over_ = dns_transport::udp;
  bool sent_edns_ = true;
  bool attempt_open_ = false;
  bool paused_ = false;  // rule 6
  time_point attempt_began_{};
  time_point until_{};
  error_code local_error_;
  error_code best_error_;
  answer answer_;
  query_report report_;
};

}  // namespace sdconnect
