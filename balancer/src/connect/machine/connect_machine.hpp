/// \file
/// Makes every decision of one connect to a service: what to wait for, the race, and what else DNS
/// knows. No sockets, no clock.
#pragma once

#include "connect/machine/live_service.hpp"
#include "connect/race/balanced_race.hpp"
#include "connect/race/connect_steps.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace sdconnect::detail {

///  1. To a known service, the first attempt starts at once. A connect that finds the service past
///     its TTL, or unknown, waits for DNS (live_view, rule 3).
///  2. Addresses and endpoints that DNS reports during the race join it, if they were not tried.
///  3. If every endpoint has failed, and no budget or limit ended the race, the machine asks DNS
///     again, and the race continues with what was not tried. The wait for the answer is limited as
///     in serve-stale.
class connect_machine final : public connect_steps {
 public:
  /// Draws the order of attempts (service_memory::plan); may call a user-defined policy.
  using plan_source = std::function<attempt_plan(time_point now)>;

  /// `limits` must outlive it. The owner must call on_view() whenever the service notifies.
  connect_machine(std::shared_ptr<live_service> service, connect_limits& limits, const race_options& options,
                  plan_source draw, const connect_time& now);

  [[nodiscard]] race::step start(time_point now) override;
  [[nodiscard]] race::step on_view(time_point now);
  [[nodiscard]] race::step on_connected(std::size_t candidate, time_point now) override;
  [[nodiscard]] race::step on_failed(std::size_t candidate, error_code ec, time_point now) override;
  [[nodiscard]] race::step on_timer(time_point now) override;
  [[nodiscard]] race::step stop(error_code status, time_point now) override;

  [[nodiscard]] const attempt_target& candidate(std::size_t index) const override { return race_->candidate(index); }
  [[nodiscard]] connect_conclusion conclude() override;

 private:
  enum class stage : std::uint8_t { first_view, racing, view_anew, over };

  [[nodiscard]] race::step wait(stage for_what, std::uint64_t walk, time_point until);
  [[nodiscard]] race::step go_on(time_point now);
  [[nodiscard]] race::step begin_race(time_point now);
  [[nodiscard]] race::step after(race::step next, time_point now);
  [[nodiscard]] race::step add_news(race::step last, time_point now);
  [[nodiscard]] race::step add_anew(time_point now);
  [[nodiscard]] race::step still_waiting() const;
  [[nodiscard]] race::step end(error_code status);
  [[nodiscard]] bool has_news() const noexcept { return raced_version_ != service_->view().version(); }

  std::shared_ptr<live_service> service_;
  connect_limits& limits_;
  const race_options options_;
  plan_source draw_;
  connect_time began_;
  stage stage_ = stage::first_view;
  std::uint64_t walk_ = 0;  // the one that is waited for
  time_point wait_until_{};
  std::uint64_t raced_version_ = 0;
  std::optional<balanced_race> race_;
  error_code status_;  // of a connect that ended without a race
};

}  // namespace sdconnect::detail
