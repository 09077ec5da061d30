/// \file
/// Statistics of the servers of one set from all queries so far: which are fast, which are down,
/// which cannot do EDNS.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sdconnect::detail {

/// Uses no clock and no entropy: time is an argument.
///
///  1. Round trips are smoothed as in RFC 6298 §2. The configured order decides among servers that
///     are about equally fast; a later server goes first only if it is faster by more than 10 ms
///     and 1.5 times. A server that was not measured for 5 minutes counts as 25 ms, so that it gets
///     its chance when the others are slow, and has 400 ms to answer.
///  2. A demoted server is asked after all others. A server is demoted if it refused (ICMP, TCP,
///     TLS) once, was silent twice in a row, or answered SERVFAIL, REFUSED or similar 5 times in a
///     row, because such answers mostly concern one name. Silence to a query sent before the
///     server's latest reply does not count.
///  3. While other servers are asked instead, a demoted server gets one query in parallel with the
///     normal attempt after 1 s, 2 s and then every 3 s, so it is in use again within 5 s of its
///     return. Any reply ends a demotion for silence or refusal; an answer ends any demotion. If
///     all servers are demoted, all are asked, in the configured order.
///  4. A server that refused EDNS (FORMERR, NOTIMP, BADVERS), or twice answered only without EDNS
///     and never with it, is asked without EDNS for 15 minutes (RFC 6891 §6.2.2 lets clients
///     remember).
///  5. A server that twice in a row did not repeat the letter case of the question is not required
///     to repeat it for 15 minutes.
class server_statistics {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct options {
    std::chrono::milliseconds first_timeout{1000};  ///< maximum time for a server before it is asked again
    bool rotate = false;                            ///< begins each query at the next healthy server of the set
  };

  /// Maximum number of servers that a query asks.
  static constexpr std::size_t max_asked = 16;

  struct selection {
    std::array<std::uint16_t, max_asked> order{};
    std::size_t count = 0;
    std::optional<std::uint16_t> probe;  ///< the server to ask in parallel with order[0], rule 3
  };

  server_statistics(std::size_t servers, options with);
  /// Copies the statistics of server `there` in `from`, which is the same server as `server`.
  void take_over(std::size_t server, const server_statistics& from, std::size_t there) noexcept;

  /// Returns the servers for a query that begins now. Returns the same probe again only after a
  /// while.
  [[nodiscard]] selection select(time_point now);
  /// Returns the time for the server's first attempt: srtt + 4 rttvar, at least 200 ms, or 400 ms
  /// for an unmeasured server; at most `first_timeout`.
  [[nodiscard]] duration timeout(std::size_t server, time_point now) const noexcept;
  [[nodiscard]] bool use_edns(std::size_t server, time_point now) const noexcept;
  [[nodiscard]] bool loses_case(std::size_t server, time_point now) const noexcept;
  [[nodiscard]] bool is_demoted(std::size_t server) const noexcept;
  /// Empty while unmeasured.
  [[nodiscard]] std::optional<duration> round_trip(std::size_t server, time_point now) const noexcept;

  /// A message that matches a query has come, whatever it says.
  void on_reply(std::size_t server, time_point now) noexcept;
  void on_round_trip(std::size_t server, duration measured, time_point now) noexcept;
  void on_timeout(std::size_t server, time_point sent, time_point now) noexcept;
  /// The port is closed, the network is unreachable, or TCP or TLS failed.
  void on_refusal(std::size_t server, time_point now) noexcept;
  /// The reply is an answer: data, or a proven negative answer.
  void on_answer(std::size_t server) noexcept;
  /// SERVFAIL, REFUSED and similar.
  void on_unhelpful(std::size_t server, time_point now) noexcept;

  enum class edns_outcome {
    answered,          ///< a reply to a query with EDNS
    refused,           ///< FORMERR, NOTIMP or BADVERS to a query with EDNS, and an answer without it
    answered_without,  ///< an answer without EDNS after silence with EDNS
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
