/// \file
/// One connect to a service that is kept: a race in the order of a plan, which obeys health and
/// limits and reports outcomes to them.
#pragma once

#include "connect/race/connect_limits.hpp"
#include "connect/race/connect_steps.hpp"
#include "connect/race/service_memory.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect::detail {

/// The plan gives the initial order of the endpoints; from then on only the race reorders.
class balanced_race final : public connect_steps, private race_context {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `plan` must come from `known`. `limits` must outlive the last event.
  balanced_race(std::shared_ptr<service_memory> known, connect_limits& limits, const race_options& options,
                attempt_plan plan, time_point now);
  ~balanced_race() override;

  /// Counts as a request for the retry budget.
  [[nodiscard]] race::step start(time_point now) override;
  [[nodiscard]] race::step on_connected(std::size_t candidate, time_point now) override;
  [[nodiscard]] race::step on_failed(std::size_t candidate, error_code ec, time_point now) override;
  [[nodiscard]] race::step on_timer(time_point now) override;
  [[nodiscard]] race::step stop(error_code status, time_point now) override;

  /// Adds what DNS says now; `fresh` is a plan drawn since. What this connect has not tried joins
  /// by rule 10 of race.hpp: new endpoints, and new addresses of endpoints that it knows by target
  /// and port. Also allowed after the end, if is_exhausted(). An endpoint that is no longer listed
  /// keeps its place, and is left out when it is due.
  [[nodiscard]] race::step more(attempt_plan fresh, time_point now);

  /// True if the race is over because everything was tried: the time to ask DNS again. False if
  /// permission to start an attempt was refused, if no endpoint has a place in flight left, if
  /// descriptors ran out, and after stop() or the deadline.
  [[nodiscard]] bool is_exhausted() const noexcept { return race_.is_exhausted(); }

  [[nodiscard]] const attempt_target& candidate(std::size_t index) const override { return race_.candidate(index); }
  /// The endpoint as DNS last listed it. Valid as long as this object.
  [[nodiscard]] const endpoint& endpoint_of(std::size_t candidate) const;

  [[nodiscard]] std::optional<std::size_t> winner() const noexcept { return race_.winner(); }
  [[nodiscard]] error_code status() const noexcept { return race_.status(); }
  [[nodiscard]] connect_restraint restraint() const noexcept { return race_.restraint(); }
  [[nodiscard]] std::vector<connect_attempt> attempts() const;
  /// Returns the winner's use; call it once.
  [[nodiscard]] std::optional<endpoint_use> take_use();
  [[nodiscard]] connect_conclusion conclude() override;

 private:
  /// The place in a plan of an endpoint of the race; try_acquire() needs it.
  struct place {
    const balanced_endpoint* latest = nullptr;  ///< as DNS last listed it
    std::uint32_t latest_plan = 0;              ///< index into plans_, of the set that has `latest`
    std::uint32_t plan = 0;                     ///< index into plans_
    std::uint32_t index = 0;                    ///< index into the plan's set
    /// Index into the plan's order, unless an endpoint before it was postponed since.
    std::size_t at = 0;
  };
  /// An endpoint that this connect uses.
  struct use {
    std::size_t endpoint = 0;
    endpoint_use held;
    std::optional<time_point> head_start_end;  ///< the endpoint is silent from then on; unset once it answered
  };

  [[nodiscard]] bool may_use(std::size_t endpoint, bool as_last_resort, time_point now) override;
  [[nodiscard]] bool has_left(std::size_t endpoint) const override;
  [[nodiscard]] bool take_retry(time_point now) override { return limits_.take_retry(now); }
  [[nodiscard]] std::optional<time_point> take_turn(time_point now, time_point latest) override;
  void on_address(const attempt_target& candidate, outcome_kind outcome, time_point now) override;
  void on_endpoint(std::size_t endpoint, outcome_kind outcome, std::chrono::microseconds elapsed,
                   time_point now) override;

  std::vector<attempt_target> place_all(attempt_plan plan, time_point now);
  [[nodiscard]] std::vector<std::size_t> find_known(const attempt_plan& plan) const;
  [[nodiscard]] const balanced_endpoint& placed(std::size_t endpoint) const;
  [[nodiscard]] bool keeps_place(std::size_t endpoint, bool is_usable_now) const;
  void drop_unused_plans();
  void hear_from(use& one);

  std::shared_ptr<service_memory> known_;
  connect_limits& limits_;
  const race_options options_;
  std::vector<attempt_plan> plans_;  // empty if no place refers to it any more
  std::vector<place> places_;        // by endpoint of the race
  std::vector<use> uses_;
  race race_;
};

}  // namespace sdconnect::detail
