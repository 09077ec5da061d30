/// \file
/// The health of one endpoint, as far as it does not depend on that of the others.
#pragma once

#include "sdconnect/balancer/health_group.hpp"

#include <chrono>
#include <cstdint>

namespace sdconnect::detail {

/// Rules 1 to 4 of health_group. What became due before a call has been done by advance() with the
/// same `now`.
class endpoint_health_machine {
 public:
  using time_point = endpoint_health::time_point;
  using duration = time_point::duration;

  /// What every step needs.
  struct context {
    const health_options& options;
    random_engine& random;
    time_point now;
  };

  /// Up, and nothing known: what began before says nothing.
  explicit endpoint_health_machine(time_point now) noexcept;

  void on_success(time_point started, const context& in);
  void on_failure(outcome_kind kind, time_point started, const context& in);
  void on_probe(bool is_good, const context& in);
  void eject_as_outlier(const context& in);
  /// An outlier is used again before its time.
  void release(const context& in);
  /// What attempts took out is on trial before its time.
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
  time_point era_;                                 // attempts begun before the latest return to use tell nothing
  time_point last_bad_ = time_point::min();        // attempts begun no later tell nothing
  time_point row_held_until_ = time_point::min();  // a success does not end the row before
  time_point out_until_ = time_point::min();       // of a trial: its time down ends then; before, it was advanced
  time_point next_step_ = never;                   // of trial, warming or up
  time_point forgiven_at_ = never;
  std::uint32_t bad_probes_ = 0;   // in a row
  std::uint32_t good_probes_ = 0;  // in a row, while probes hold it down
  bool is_down_by_probes_ = false;
};

}  // namespace sdconnect::detail
