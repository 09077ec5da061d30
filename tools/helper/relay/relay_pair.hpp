/// \file
/// Decides the next step of a relay between two sockets. Uses no descriptors, so tests can call it
/// directly.
#pragma once

#include "helper/relay/relay_direction.hpp"
#include "sdconnect/net/error.hpp"

#include <array>
#include <cstdint>

namespace sdconnect::helper {

enum class relay_side : std::uint8_t { client, backend };

[[nodiscard]] constexpr relay_side other(relay_side side) noexcept {
  return side == relay_side::client ? relay_side::backend : relay_side::client;
}

/// Two directions that end separately, as in TCP (RFC 9293 §3.6). Both sides have the same rules:
///
///  1. A side ends: its data are written to the other one, whose sending side is then shut down. The
///     opposite direction goes on.
///  2. Both have ended: the relay is complete.
///  3. Reading from a side fails, or writing to it: nothing more is written to it. What it still
///     delivers is written to the other side; then the relay ends, and the other side is reset too.
///  4. A side that has ended goes away: nobody would read what it would get. The relay ends.
class relay_pair {
 public:
  enum class action : std::uint8_t { wait, shut_down_client, shut_down_backend, finish };

  /// The next action. Counts a shutdown as done when it returns it.
  [[nodiscard]] action next() noexcept;

  /// The direction whose source is `from`.
  [[nodiscard]] relay_direction& from(relay_side side) noexcept { return ways_[index(side)]; }
  [[nodiscard]] const relay_direction& from(relay_side side) const noexcept { return ways_[index(side)]; }

  void on_read_failed(relay_side side, error_code ec) noexcept;
  void on_write_failed(relay_side to, error_code ec) noexcept;
  /// `ec`: why, or none. REQUIRES: !from(side).sink_open.
  void on_gone(relay_side side, error_code ec) noexcept;

  /// The side that failed; valid if has_failed().
  [[nodiscard]] bool has_failed() const noexcept { return error_.failed(); }
  [[nodiscard]] relay_side failed_side() const noexcept { return failed_side_; }
  [[nodiscard]] error_code error() const noexcept { return error_; }
  /// The side that ended first.
  [[nodiscard]] relay_side ended_first() const noexcept { return ended_first_; }

 private:
  [[nodiscard]] static std::size_t index(relay_side side) noexcept { return static_cast<std::size_t>(side); }
  void fail(relay_side side, error_code ec) noexcept;
  [[nodiscard]] bool is_failed(relay_side side) const noexcept { return is_failed_[index(side)]; }

  std::array<relay_direction, 2> ways_;
  std::array<bool, 2> is_failed_{};
  bool has_end_ = false;
  relay_side failed_side_ = relay_side::client;
  relay_side ended_first_ = relay_side::client;
  error_code error_;
};

}  // namespace sdconnect::helper
