#include "sdconnect/balancer/balancer.hpp"

#include "balancer/live/balancer_core.hpp"

#include <algorithm>

namespace sdconnect {

void attempt_plan::postpone(std::size_t at) {
  const auto here = order.begin() + static_cast<std::ptrdiff_t>(at);
  std::rotate(here, here + 1, order.end());
  if (at < usable) --usable;
}

balancer::balancer(const balancer_options& options, time_point now)
    : core_(std::make_shared<detail::balancer_core>(options, now)),
      version_(&core_->version()),
      slot_(core_->slot_index()) {}

balancer::~balancer() = default;

void balancer::update(std::span<const endpoint> endpoints, time_point now) {
  update(std::make_shared<const std::vector<endpoint>>(merge_endpoints({endpoints.begin(), endpoints.end()})), now);
}

void balancer::update(std::shared_ptr<const std::vector<endpoint>> endpoints, time_point now) {
  core_->update(std::move(endpoints), now);
}

const balanced_endpoint* balancer::pick_by_key(std::uint64_t key) noexcept { return core_->pick(nullptr, key); }

std::optional<endpoint_use> balancer::acquire(time_point now, std::optional<std::uint64_t> key) {
  return core_->acquire(now, key);
}

attempt_plan balancer::plan(time_point now, std::optional<std::uint64_t> key) {
  return core_->plan(now, key, detail::explaining::no);
}
attempt_plan balancer::explained_plan(time_point now, std::optional<std::uint64_t> key) {
  return core_->plan(now, key, detail::explaining::yes);
}

std::optional<endpoint_use> balancer::try_acquire(const attempt_plan& plan, std::size_t at, time_point now) {
  return core_->try_acquire(plan, at, now);
}

void balancer::report(endpoint_record& record, outcome_kind outcome, std::chrono::microseconds latency,
                      time_point started, time_point now) {
  core_->report(record, outcome, latency, started, now);
}

void balancer::report_probe(const endpoint_record& probed, bool is_good, time_point now) {
  core_->report_probe(probed, is_good, now);
}

void balancer::advance(time_point now) { core_->advance(now); }

balancer::time_point balancer::next_change() const { return core_->next_change(); }

void balancer::reset_health(time_point now) { core_->reset_health(now); }

std::vector<endpoint_status> balancer::status() const { return core_->status(); }

std::shared_ptr<const endpoint_set> balancer::endpoints() const { return core_->endpoints(); }

bool balancer::refresh() const noexcept { return core_->refresh().is_plain; }

const balanced_endpoint* balancer::pick_guarded(random_engine& random) noexcept {
  return core_->pick(&random, std::nullopt);
}

}  // namespace sdconnect
