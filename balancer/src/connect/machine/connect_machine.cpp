#include "connect/machine/connect_machine.hpp"

#include "net/base/saturating.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {

connect_machine::connect_machine(std::shared_ptr<live_service> service, connect_limits& limits,
                                 const race_options& options, plan_source draw, const connect_time& now)
    : service_(std::move(service)), limits_(limits), options_(options), draw_(std::move(draw)), began_(now) {}

race::step connect_machine::start(time_point now) {
  const live_view::use_result use = service_->view().use(began_.boot_of(options_.deadline), began_.boot_of(now));
  if (use.state != live_view::usability::waiting) return go_on(now);
  // If nothing is known, waits slightly beyond the deadline, until DNS has told what it tried.
  const time_point last = later(options_.deadline, lookup_grace);
  return wait(stage::first_view, use.walk, use.until ? std::min(began_.steady_of(*use.until), last) : last);
}

race::step connect_machine::wait(stage for_what, std::uint64_t walk, time_point until) {
  stage_ = for_what;
  walk_ = walk;
  wait_until_ = until;
  return still_waiting();
}

race::step connect_machine::still_waiting() const {
  race::step next;
  next.wake = wait_until_;
  return next;
}

// DNS has answered, or does not answer in time.
race::step connect_machine::go_on(time_point now) {
  if (service_->view().state() == live_view::usability::usable) return begin_race(now);
  return end(service_->view().status() ? service_->view().status() : make_error_code(errc::query_timed_out));
}

race::step connect_machine::begin_race(time_point now) {
  service_->take_news(now);
  raced_version_ = service_->view().version();
  stage_ = stage::racing;
  race_.emplace(service_->memory(), limits_, options_, draw_(now), now);
  return after(race_->start(now), now);
}

// Returns the race's step. When the race has tried all that was known, continues with what DNS
// knows now.
race::step connect_machine::after(race::step next, time_point now) {
  if (!next.done) return next;
  stage_ = stage::over;
  if (race_->winner()) service_->view().on_success();
  if (race_->winner() || !race_->is_exhausted() || now >= options_.deadline) return next;
  const std::optional<std::uint64_t> walk = service_->view().ask_anew(began_.boot_of(now));
  if (!walk) return next;
  if (service_->view().has_settled(*walk)) return add_news(std::move(next), now);
  const auto patience = service_->view().patience(began_.boot_of(now));
  race::step waiting = wait(stage::view_anew, *walk, std::min(later(now, patience), options_.deadline));
  waiting.abandon = std::move(next.abandon);
  return waiting;
}

// Rules 2 and 3. `last` is the previous step of the race; it is done if the race has tried
// everything.
race::step connect_machine::add_news(race::step last, time_point now) {
  if (!has_news()) return last;
  service_->take_news(now);
  raced_version_ = service_->view().version();
  stage_ = stage::racing;
  race::step next = race_->more(draw_(now), now);
  next.abandon.insert(next.abandon.begin(), last.abandon.begin(), last.abandon.end());
  return after(std::move(next), now);
}

// All known endpoints have failed; adds what DNS has said since.
race::step connect_machine::add_anew(time_point now) {
  stage_ = stage::over;
  race::step last;
  last.done = true;
  return add_news(std::move(last), now);
}

race::step connect_machine::on_view(time_point now) {
  switch (stage_) {
    case stage::first_view: return service_->view().has_settled(walk_) ? go_on(now) : still_waiting();
    case stage::view_anew: return service_->view().has_settled(walk_) ? add_anew(now) : still_waiting();
    case stage::racing: return has_news() ? add_news({}, now) : after(race_->on_timer(now), now);
    case stage::over: break;
  }
  return end(status_);
}

race::step connect_machine::on_connected(std::size_t candidate, time_point now) {
  return after(race_->on_connected(candidate, now), now);
}

race::step connect_machine::on_failed(std::size_t candidate, error_code ec, time_point now) {
  return after(race_->on_failed(candidate, ec, now), now);
}

race::step connect_machine::on_timer(time_point now) {
  switch (stage_) {
    case stage::first_view: return now >= wait_until_ ? go_on(now) : still_waiting();
    case stage::view_anew: return now >= wait_until_ ? add_anew(now) : still_waiting();
    case stage::racing: return after(race_->on_timer(now), now);
    case stage::over: break;
  }
  return end(status_);
}

race::step connect_machine::stop(error_code status, time_point now) {
  if (stage_ != stage::racing) return end(status);
  stage_ = stage::over;
  return race_->stop(status, now);
}

race::step connect_machine::end(error_code status) {
  stage_ = stage::over;
  status_ = status;
  race::step next;
  next.done = true;
  return next;
}

connect_conclusion connect_machine::conclude() {
  connect_conclusion out;
  if (race_) out = race_->conclude();
  if (status_) out.status = status_;
  return out;
}

}  // namespace sdconnect::detail
