/// \file
/// Which endpoints keep attempts without an answer for longer than their head start.
#pragma once

#include "sdconnect/balancer/balanced_endpoint.hpp"
#include "sdconnect/balancer/endpoint_record.hpp"

#include <chrono>
#include <set>
#include <utility>

namespace sdconnect::detail {

/// What the attempts of all connects under way say of an endpoint before any of them has ended. It
/// proves nothing, so it is no health: the endpoint is tried behind the others of its priority
/// until it answers or the attempts are over. Not thread safe.
class silent_endpoints {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// An attempt began that will have had its head start at `head_start_end`.
  void begin(const endpoint_record& at, time_point head_start_end) { attempts_.emplace(&at, head_start_end); }
  /// It was answered or given up. REQUIRES: begin() with the same.
  void end(const endpoint_record& at, time_point head_start_end);

  [[nodiscard]] bool is_silent(const endpoint_record& at, time_point now) const;
  /// Of the usable ones, those that are silent go behind the others of their priority.
  void put_last(attempt_plan& plan, time_point now) const;

 private:
  std::multiset<std::pair<const endpoint_record*, time_point>> attempts_;
};

}  // namespace sdconnect::detail
