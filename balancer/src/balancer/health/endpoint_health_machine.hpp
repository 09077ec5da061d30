/// \file
/// The health of one endpoint, as far as it does not depend on the other endpoints.
#pragma once

#include "sdconnect/balancer/health_group.hpp"

#include <chrono>
#include <cstdint>

namespace sdconnect::detail {

/// Rules 1 to 4 of health_group. Before each call, advance() with the same `now` must have
/// performed what became due.
class endpoint_health_machine {
 public:
  using time_point = endpoint_health::time_point;
  using duration = time_point::duration;

  /// Arguments that every step needs.
  struct context {
    const health_options& options;
    random_engine& random;
    time_point now;
  };

  /// Starts up and without history: attempts that began before `now` are ignored.
  explicit endpoint_health_machine(time_point now) noexcept;

  void on_success(time_point started, const context& in);
  void on_failure(outcome_kind kind, time_point started, const context& in);
  void on_probe(bool is_good, const context& in);
  void eject_as_outlier(const context& in);
  /// Brings an outlier back into use before its time.
  void release(const context& in);
  /// Puts an endpoint that attempts took out on trial before its time.
  void advance_trial(const context& in);
  void advance(const context& in);

  [[nodiscard]] time_point next_change() const noexcept;
  [[nodiscard]] const endpoint_health& shown() const noexcept { return shown_; }
  [[nodiscard]] bool is_serving() const noexcept;
  [[nodiscard]] bool is_outlier_down() const noexcept;

 private:
  static constexpr time_point never = time_point::max();

  [[nodiscard]] bool is_news(time_point started) const noexcept;
  [[nodiscard]] bool is_out_by_attempts() const noexcept;
  void end_row_if_over(time_point now) noexcept;
  void demote_or_eject(const context& in);
  void eject(health_reason reason, const context& in);
  void take_out(health_reason reason, time_point until, time_point now) noexcept;
  void come_back(time_point proof_began, const context& in);
  void be_up(time_point now) noexcept;
  void warm(const context& in);
  void forgive(const context& in);

  endpoint_health shown_;
  time_point era_;                                 // attempts begun before this are ignored: start of the latest return
  time_point last_bad_ = time_point::min();        // attempts begun at this time or earlier are ignored
  time_point row_held_until_ = time_point::min();  // a success before this time does not end the row
  time_point out_until_ = time_point::min();       // of a trial: end of its time down; in the future if it was advanced
  time_point next_step_ = never;                   // when the next step to trial, warming or up is due
  time_point forgiven_at_ = never;
  std::uint32_t bad_probes_ = 0;   // in a row
  std::uint32_t good_probes_ = 0;  // in a row, while it is down by probes
  bool is_down_by_probes_ = false;
};

}  // namespace sdconnect::detail
