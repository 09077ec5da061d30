#include "sdconnect/balancer/endpoint_use.hpp"

#include "balancer/live/balancer_core.hpp"
#include "balancer/live/half_open_token.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect {

using namespace detail;

endpoint_use::endpoint_use(endpoint_use&& other) noexcept
    : core_(std::move(other.core_)),
      set_(std::move(other.set_)),
      endpoint_(std::exchange(other.endpoint_, nullptr)),
      started_(other.started_),
      row_(other.row_),
      trial_(other.trial_) {}

endpoint_use& endpoint_use::operator=(endpoint_use&& other) noexcept {
  if (this == &other) return *this;
  release();
  core_ = std::move(other.core_);
  set_ = std::move(other.set_);
  endpoint_ = std::exchange(other.endpoint_, nullptr);
  started_ = other.started_;
  row_ = other.row_;
  trial_ = other.trial_;
  return *this;
}

endpoint_use::~endpoint_use() { release(); }

void endpoint_use::release() noexcept {
  if (endpoint_ == nullptr) return;
  endpoint_record& record = *std::exchange(endpoint_, nullptr)->record;
  if (trial_ != 0) detail::return_token(record.trial_, trial_);
  record.rows_[row_].in_flight.fetch_sub(1);
}

void endpoint_use::report(outcome_kind outcome, std::chrono::microseconds latency, time_point now) {
  core_->report(*endpoint_->record, outcome, latency, started_, now);
  if (trial_ == 0 || says_nothing(outcome)) return;
  detail::return_token(endpoint_->record->trial_, std::exchange(trial_, 0));
}

void endpoint_use::report(outcome_kind outcome) {
  using std::chrono::microseconds;
  const time_point now = std::chrono::steady_clock::now();
  report(outcome, std::max(std::chrono::duration_cast<microseconds>(now - started_), microseconds(0)), now);
}

std::optional<endpoint_use::time_point> endpoint_use::drain_deadline() const noexcept {
  return record().drain_deadline();
}

}  // namespace sdconnect
