/// \file
/// Every decision of connecting: which address when, and which attempt has lost. No sockets, no clock.
#pragma once

#include "sdconnect/connect/connection.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect {

/// One address to try.
struct race_candidate {
  std::size_t endpoint = 0;  ///< index into the order
  ip_address address;
  std::uint16_t port = 0;
  std::uint16_t priority = 0;
  bool refused = false;  ///< an address no stream can lead to; reported, never tried
};

/// The candidates of endpoints in the order to be tried: all addresses of one endpoint, then the next (RFC 2782
/// "Usage rules"); inside an endpoint the families alternate, IPv6 first (RFC 8305 §4).
[[nodiscard]] std::vector<race_candidate> race_candidates(std::span<const endpoint> order, bool use_ipv4,
                                                          bool use_ipv6);

/// Staggered racing inside a tier (RFC 8305 §5), tiers one after the other. Feed it what happened; it says what to
/// do.
///
///  1. The first candidate starts at once.
///  2. While the tier has candidates left, the next starts when the last start is `attempt_delay` old, or as soon as
///     an attempt fails.
///  3. An attempt older than `attempt_timeout` has failed.
///  4. The next tier starts when this one has no candidate left and none under way.
///  5. The first success ends the race; everything under way is abandoned.
class race {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct settings {
    std::chrono::milliseconds attempt_delay{250};
    std::chrono::milliseconds attempt_timeout{2000};
    time_point deadline;
  };

  race(std::vector<race_candidate> candidates, const settings& with);

  struct step {
    std::vector<std::size_t> start;    ///< candidates to connect to now
    std::vector<std::size_t> abandon;  ///< attempts to close
    time_point wake{};                 ///< call on_timer then
    bool done = false;                 ///< see winner() and status()
  };

  [[nodiscard]] step start(time_point now);
  [[nodiscard]] step on_connected(std::size_t candidate, time_point now);
  [[nodiscard]] step on_failed(std::size_t candidate, error_code ec, time_point now);
  [[nodiscard]] step on_timer(time_point now);

  [[nodiscard]] const race_candidate& candidate(std::size_t index) const { return candidates_[index]; }
  [[nodiscard]] std::optional<std::size_t> winner() const noexcept { return winner_; }
  /// After done: success, unreachable, or the lack of descriptors that kept every attempt
  /// from starting.
  [[nodiscard]] error_code status() const noexcept { return status_; }

  struct attempt {
    std::size_t candidate = 0;
    time_point started{};
    std::chrono::microseconds elapsed{};
    error_code result;
    bool open = true;
  };
  /// Every attempt so far, in the order started.
  [[nodiscard]] const std::vector<attempt>& attempts() const noexcept { return attempts_; }

  /// Ends the race with everything under way abandoned.
  [[nodiscard]] step stop(error_code status, time_point now);

 private:
  [[nodiscard]] step advance(step next, time_point now);
  void start_next(step& next, time_point now);
  void close(attempt& a, error_code ec, time_point now) noexcept;

  std::vector<race_candidate> candidates_;
  settings settings_;
  std::vector<attempt> attempts_;
  std::size_t next_candidate_ = 0;
  std::size_t under_way_ = 0;
  time_point may_start_next_{};
  std::optional<std::size_t> winner_;
  error_code status_;
};

}  // namespace sdconnect
