/// \file
/// What is known about the servers of one set from all queries so far: who is fast, who is down,
/// who cannot do EDNS.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sdconnect::detail {

/// Pure: time comes as an argument, nothing is drawn.
///
///  1. Round trips are smoothed as in RFC 6298 §2. Configured order decides among servers about
///     equally fast; an earlier one is passed over only for one faster by more than 10 ms and 1.5
///     times. Who was not measured for 5 minutes counts as 25 ms, so that it gets its chance when
///     the others are slow, and is given 400 ms to answer.
///  2. Demoted, that is asked after all others: whoever refused (ICMP, TCP, TLS) once, was silent
///     twice in a row, or said SERVFAIL, REFUSED or the like 5 times in a row: these are mostly
///     about one name. The silence to a query sent before the server's latest reply says nothing.
///  3. While others are asked in its place, a demoted server is given one query beside the normal
///     attempt after 1 s, 2 s and then every 3 s: it is back in use within 5 s of its return. Any
///     reply ends a demotion for silence or refusal, an answer each. When all are demoted, all are
///     asked, in configured order.
///  4. Who refused EDNS (FORMERR, NOTIMP, BADVERS), or twice answered only after it was left out
///     and never with it, is asked without for 15 minutes (RFC 6891 §6.2.2 lets clients remember).
///  5. Who twice in a row did not repeat the letter case of the question is not held to it for 15
///     minutes.
class server_statistics {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct options {
    std::chrono::milliseconds first_timeout{1000};  ///< no server is given longer before it is asked again
    bool rotate = false;                            ///< begin each query at the next healthy server of the set
  };

  /// A query asks that many servers at most.
  static constexpr std::size_t max_asked = 16;

  struct selection {
    std::array<std::uint16_t, max_asked> order{};
    std::size_t count = 0;
    std::optional<std::uint16_t> probe;  ///< to be asked beside order[0], rule 3
  };

  server_statistics(std::size_t servers, options with);
  /// `server` is what `there` was in another book, so what is known about it holds on.
  void take_over(std::size_t server, const server_statistics& from, std::size_t there) noexcept;

  /// Whom a query that begins now is to ask. A probe given here is not given again for a while.
  [[nodiscard]] selection select(time_point now);
  /// What the server's first attempt is given: srtt + 4 rttvar, from 200 ms to `first_timeout`.
  [[nodiscard]] duration timeout(std::size_t server, time_point now) const noexcept;
  [[nodiscard]] bool use_edns(std::size_t server, time_point now) const noexcept;
  [[nodiscard]] bool loses_case(std::size_t server, time_point now) const noexcept;
  [[nodiscard]] bool is_demoted(std::size_t server) const noexcept;
  /// Nothing while unmeasured.
  [[nodiscard]] std::optional<duration> round_trip(std::size_t server, time_point now) const noexcept;

  /// A message that matches a query came, whatever it says.
  void on_reply(std::size_t server, time_point now) noexcept;
  void on_round_trip(std::size_t server, duration measured, time_point now) noexcept;
  void on_timeout(std::size_t server, time_point sent, time_point now) noexcept;
  /// The port is closed, the network unreachable, TCP or TLS failed.
  void on_refusal(std::size_t server, time_point now) noexcept;
  /// The reply answers, with data or a proven "no".
  void on_answer(std::size_t server) noexcept;
  /// SERVFAIL, REFUSED and the like.
  void on_unhelpful(std::size_t server, time_point now) noexcept;

  enum class edns_outcome {
    answered,          ///< a query with EDNS
    refused,           ///< FORMERR, NOTIMP or BADVERS to a query with EDNS, and an answer without
    answered_without,  ///< after silence with EDNS
  };
  void on_edns(std::size_t server, edns_outcome outcome, time_point now) noexcept;
  void on_case(std::size_t server, bool repeated, time_point now) noexcept;

 private:
  enum class demotion : std::uint8_t { none, unhelpful, down };

  struct entry {
    duration srtt{};
    duration rttvar{};
    time_point measured_until{};
    time_point latest_reply{};
    time_point next_probe{};
    time_point edns_known_until{};
    time_point no_edns_until{};
    time_point case_lost_until{};
    duration probe_interval{};
    demotion demoted = demotion::none;
    bool measured = false;
    bool replied = false;
    std::uint8_t silences = 0;
    std::uint8_t unhelpful = 0;
    std::uint8_t answers_without_edns = 0;
    std::uint8_t case_losses = 0;
  };

  void demote(entry& server, demotion how, time_point now) noexcept;
  [[nodiscard]] duration expected(std::size_t server, time_point now) const noexcept;

  options options_;
  std::vector<entry> entries_;
  std::size_t rotation_ = 0;
};

}  // namespace sdconnect::detail
