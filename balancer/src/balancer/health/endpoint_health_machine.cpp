#include "balancer/health/endpoint_health_machine.hpp"

#include "net/base/jitter.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

using duration = endpoint_health_machine::duration;

constexpr std::uint16_t whole_share = 1000;
constexpr std::uint16_t warming_steps = 10;
constexpr std::uint16_t share_step = whole_share / warming_steps;

/// True for failures that may happen by chance to a healthy endpoint: one lost SYN, one broken
/// stream. A later success proves that it was chance.
bool may_be_chance(outcome_kind kind) noexcept {
  return kind == outcome_kind::overtaken || kind == outcome_kind::reset || kind == outcome_kind::closed_silently;
}

/// Time of a demotion: doubles with each failure of the row, and is never longer than an ejection.
duration demotion_time(const health_options& options, std::uint32_t row) noexcept {
  duration time = options.first_demotion;
  for (std::uint32_t i = 1; i < row && time < options.base_ejection; ++i) time *= 2;
  return std::min<duration>(time, std::max(options.base_ejection, options.first_demotion));
}

/// Time of the nth ejection.
duration ejection_time(const health_options& options, std::uint32_t ejections) noexcept {
  if (options.base_ejection.count() == 0) return {};
  const auto most = static_cast<std::uint64_t>(options.max_ejection / options.base_ejection) + 1;
  return std::min<duration>(options.base_ejection * static_cast<std::int64_t>(std::min<std::uint64_t>(ejections, most)),
                            options.max_ejection);
}

}  // namespace

endpoint_health_machine::endpoint_health_machine(time_point now) noexcept : era_(now) { shown_.since = now; }

void endpoint_health_machine::on_success(time_point started, const context& in) {
  if (!is_news(started)) return;
  switch (shown_.state) {
    case health_state::up:
    case health_state::warming:
      end_row_if_over(in.now);
      if (in.now >= row_held_until_) shown_.consecutive_failures = 0;
      return;
    case health_state::trial: come_back(started, in); return;
    case health_state::down:
      if (!is_out_by_attempts()) return;
      if (is_down_by_probes_) {
        shown_.reason = health_reason::probes_failed;
        shown_.until = {};
        shown_.consecutive_failures = 0;
        next_step_ = never;
        return;
      }
      come_back(started, in);
      return;
  }
}

void endpoint_health_machine::on_failure(outcome_kind kind, time_point started, const context& in) {
  if (!is_news(started)) return;
  shown_.last_failure = kind;
  if (shown_.state == health_state::down) return;
  const bool was_trial = shown_.state == health_state::trial;
  if (was_trial && in.now < out_until_) return take_out(shown_.reason, out_until_, in.now);

  end_row_if_over(in.now);
  ++shown_.consecutive_failures;
  last_bad_ = in.now;
  const bool is_doubtful = kind == outcome_kind::overtaken && !was_trial;
  if (is_doubtful && shown_.consecutive_failures < std::min(in.options.overtaken_fall, in.options.fall)) return;
  demote_or_eject(in);
}

void endpoint_health_machine::on_probe(bool is_good, const context& in) {
  if (!is_good) {
    good_probes_ = 0;
    if (is_down_by_probes_ || ++bad_probes_ < in.options.fall) return;
    is_down_by_probes_ = true;
    if (shown_.state != health_state::down) take_out(health_reason::probes_failed, never, in.now);
    return;
  }
  bad_probes_ = 0;
  if (!is_down_by_probes_ || ++good_probes_ < in.options.rise) return;
  is_down_by_probes_ = false;
  good_probes_ = 0;
  if (shown_.reason == health_reason::probes_failed) come_back(in.now, in);
}

void endpoint_health_machine::eject_as_outlier(const context& in) { eject(health_reason::outlier, in); }

void endpoint_health_machine::release(const context& in) {
  if (is_outlier_down()) come_back(in.now, in);
}

void endpoint_health_machine::advance_trial(const context& in) {
  if (shown_.state != health_state::down || !is_out_by_attempts() || is_down_by_probes_) return;
  out_until_ = shown_.until;
  shown_.state = health_state::trial;
  shown_.since = in.now;
  shown_.until = {};
  next_step_ = never;
}

void endpoint_health_machine::advance(const context& in) {
  forgive(in);
  if (in.now < next_step_) return;
  if (shown_.state == health_state::warming) return warm(in);
  next_step_ = never;
  if (is_down_by_probes_) {  // the time is over, but probes still fail
    shown_.reason = health_reason::probes_failed;
    shown_.until = {};
    return;
  }
  out_until_ = in.now;
  shown_.state = health_state::trial;
  shown_.since = in.now;
  shown_.until = {};
}

endpoint_health_machine::time_point endpoint_health_machine::next_change() const noexcept {
  return std::min(next_step_, forgiven_at_);
}

bool endpoint_health_machine::is_serving() const noexcept {
  return shown_.state == health_state::up || shown_.state == health_state::warming;
}

bool endpoint_health_machine::is_outlier_down() const noexcept {
  return shown_.state == health_state::down && shown_.reason == health_reason::outlier;
}

bool endpoint_health_machine::is_news(time_point started) const noexcept {
  return started >= era_ && started > last_bad_;
}

bool endpoint_health_machine::is_out_by_attempts() const noexcept {
  return shown_.reason == health_reason::attempt_failed || shown_.reason == health_reason::attempts_failed;
}

/// Ends a row that was continued in spite of a success, if the endpoint stayed healthy for long
/// enough.
void endpoint_health_machine::end_row_if_over(time_point now) noexcept {
  if (row_held_until_ == time_point::min() || now < row_held_until_) return;
  row_held_until_ = time_point::min();
  shown_.consecutive_failures = 0;
}

void endpoint_health_machine::demote_or_eject(const context& in) {
  if (shown_.consecutive_failures >= in.options.fall) return eject(health_reason::attempts_failed, in);
  const duration time = demotion_time(in.options, shown_.consecutive_failures);
  take_out(health_reason::attempt_failed, in.now + jittered(time, in.options.jitter, in.random), in.now);
}

void endpoint_health_machine::eject(health_reason reason, const context& in) {
  ++shown_.ejections;
  const duration time = ejection_time(in.options, shown_.ejections);
  take_out(reason, in.now + jittered(time, in.options.jitter, in.random), in.now);
}

void endpoint_health_machine::take_out(health_reason reason, time_point until, time_point now) noexcept {
  shown_.state = health_state::down;
  shown_.reason = reason;
  shown_.weight_share = whole_share;
  shown_.since = now;
  shown_.until = until == never ? time_point{} : until;
  next_step_ = until;
  forgiven_at_ = never;
  row_held_until_ = time_point::min();
  last_bad_ = now;
}

/// `proof_began`: start of the attempt that proved the endpoint healthy. Failures of attempts that
/// began earlier are ignored.
void endpoint_health_machine::come_back(time_point proof_began, const context& in) {
  era_ = proof_began;
  const bool relapses = shown_.consecutive_failures > 0 && !may_be_chance(shown_.last_failure);
  row_held_until_ = relapses ? in.now + in.options.relapse : time_point::min();
  if (!relapses) shown_.consecutive_failures = 0;
  if (shown_.ejections > 0) forgiven_at_ = in.now + ejection_time(in.options, shown_.ejections);

  if (in.options.slow_start.count() == 0) return be_up(in.now);
  shown_.state = health_state::warming;
  shown_.since = in.now;
  shown_.until = in.now + in.options.slow_start;
  warm(in);
}

void endpoint_health_machine::be_up(time_point now) noexcept {
  shown_.state = health_state::up;
  shown_.reason = health_reason::none;
  shown_.weight_share = whole_share;
  shown_.since = now;
  shown_.until = {};
  next_step_ = never;
}

void endpoint_health_machine::warm(const context& in) {
  if (in.now >= shown_.until) return be_up(in.now);
  const duration step = duration(in.options.slow_start) / warming_steps;
  const std::int64_t share_steps = std::max<std::int64_t>((in.now - shown_.since) / step, 1);
  shown_.weight_share = static_cast<std::uint16_t>(share_steps * share_step);
  next_step_ = shown_.since + (share_steps + 1) * step;
}

void endpoint_health_machine::forgive(const context& in) {
  if (in.now < forgiven_at_) return;
  --shown_.ejections;
  forgiven_at_ = shown_.ejections == 0 ? never : in.now + ejection_time(in.options, shown_.ejections);
}

}  // namespace sdconnect::detail
