/// \file
/// An endpoint in use.
#pragma once

#include "sdconnect/balancer/balanced_endpoint.hpp"
#include "sdconnect/balancer/outcome.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace sdconnect {

namespace detail {
class balancer_core;
}  // namespace detail

/// Counts an endpoint as in flight until it is destroyed; ends by itself. Moves. May outlive the
/// balancer, and the endpoint's place in DNS. Thread safe against the balancer; itself for one
/// thread at a time, not always the same.
class endpoint_use {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  endpoint_use(endpoint_use&& other) noexcept;
  endpoint_use& operator=(endpoint_use&& other) noexcept;
  /// No longer in flight; a trial of which nothing was reported is free for another.
  ~endpoint_use();

  /// As it was when the use began. REQUIRES, as all below: not moved from.
  [[nodiscard]] const endpoint& where() const noexcept { return endpoint_->where; }
  [[nodiscard]] const endpoint_record& record() const noexcept { return *endpoint_->record; }
  /// It is on trial, and nothing was reported yet of this, its only attempt.
  [[nodiscard]] bool is_trial() const noexcept { return trial_ != 0; }

  /// What became of the attempt: at once, since while nothing is reported of a trial nobody else
  /// may try. Any number of times (connected, later reset). `latency` counts for connected only.
  void report(outcome_kind outcome, std::chrono::microseconds latency,
              time_point now = std::chrono::steady_clock::now());
  /// The same at this moment; the latency is the time since the use began.
  void report(outcome_kind outcome);

  /// When a stream must end because its endpoint has left DNS (endpoint_record::drain_deadline).
  [[nodiscard]] std::optional<time_point> drain_deadline() const noexcept;

 private:
  friend class detail::balancer_core;

  endpoint_use() = default;
  void release() noexcept;

  std::shared_ptr<detail::balancer_core> core_;
  std::shared_ptr<const endpoint_set> set_;
  const balanced_endpoint* endpoint_ = nullptr;
  time_point started_{};
  std::uint32_t row_ = 0;
  std::uint32_t trial_ = 0;  // the token held
};

}  // namespace sdconnect
