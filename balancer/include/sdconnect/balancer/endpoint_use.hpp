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

/// Counts an endpoint as in flight until this object is destroyed. Movable. May outlive the
/// balancer and the endpoint's entry in DNS. Other threads may use the balancer at the same time;
/// the object itself is for one thread at a time, not always the same.
class endpoint_use {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  endpoint_use(endpoint_use&& other) noexcept;
  endpoint_use& operator=(endpoint_use&& other) noexcept;
  /// Ends the use. If nothing was reported of a trial, another request may begin it.
  ~endpoint_use();

  /// The endpoint as it was when the use began. REQUIRES, here and below: not moved from.
  [[nodiscard]] const endpoint& where() const noexcept { return endpoint_->where; }
  [[nodiscard]] const endpoint_record& record() const noexcept { return *endpoint_->record; }
  /// True if the endpoint is on trial and nothing was reported yet of this use, its only attempt.
  [[nodiscard]] bool is_trial() const noexcept { return trial_ != 0; }

  /// Reports the outcome of the attempt. Call it at once: until a trial is reported, no other
  /// request may try the endpoint. Any number of calls is allowed (connected, later reset).
  /// `latency` counts for connected only.
  void report(outcome_kind outcome, std::chrono::microseconds latency,
              time_point now = std::chrono::steady_clock::now());
  /// Same, at this moment; the latency is the time since the use began.
  void report(outcome_kind outcome);

  /// Time by which a stream must end because its endpoint has left DNS
  /// (endpoint_record::drain_deadline).
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
  std::uint32_t trial_ = 0;  // the token held; 0: none
};

}  // namespace sdconnect
