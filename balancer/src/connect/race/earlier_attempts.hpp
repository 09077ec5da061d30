/// \file
/// The earlier part of a connect that continues because the endpoint it led to was useless.
#pragma once

#include "sdconnect/balancer/balanced_endpoint.hpp"
#include "sdconnect/connect/connect_attempt.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <span>
#include <vector>

namespace sdconnect::detail {

class earlier_attempts {
 public:
  /// `attempts` must outlive it. `plan`: the order of the endpoints; may be empty.
  earlier_attempts(std::span<const connect_attempt> attempts, attempt_plan plan);

  /// True if the address has failed, or led to the useless endpoint. False if another attempt won
  /// before this one had a result.
  [[nodiscard]] bool has_tried(const endpoint& of, const ip_address& address) const;
  /// Returns the plan with the usable endpoints of each priority in the earlier order; what was not
  /// in it comes behind.
  [[nodiscard]] attempt_plan in_same_order(attempt_plan fresh) const;

 private:
  std::vector<const connect_attempt*> tried_;  // sorted by target, port and address
  attempt_plan plan_;
};

}  // namespace sdconnect::detail
