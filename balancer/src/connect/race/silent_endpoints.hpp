/// \file
/// Tracks the endpoints that leave attempts without an answer for longer than their head start.
#pragma once

#include "sdconnect/balancer/balanced_endpoint.hpp"
#include "sdconnect/balancer/endpoint_record.hpp"

#include <chrono>
#include <set>
#include <utility>

namespace sdconnect::detail {

/// Evidence about an endpoint from the attempts of all connects under way, before any of them has
/// ended. It proves nothing, so it does not change health: the endpoint is tried behind the others
/// of its priority until it answers or the attempts are over. Not thread safe.
class silent_endpoints {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Adds an attempt whose head start ends at `head_start_end`.
  void begin(const endpoint_record& at, time_point head_start_end) { attempts_.emplace(&at, head_start_end); }
  /// Removes an attempt that was answered or given up. REQUIRES: begin() with the same arguments.
  void end(const endpoint_record& at, time_point head_start_end);

  [[nodiscard]] bool is_silent(const endpoint_record& at, time_point now) const;
  /// Moves silent endpoints behind the others of their priority, among the usable ones.
  void put_last(attempt_plan& plan, time_point now) const;

 private:
  std::multiset<std::pair<const endpoint_record*, time_point>> attempts_;
};

}  // namespace sdconnect::detail
