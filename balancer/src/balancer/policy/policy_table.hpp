/// \file
/// The parts of a selection policy. To add one, add a file that defines a selection_rule, its name
/// in the enumeration, and the same name to the list in policy_table.cpp.
#pragma once

#include "balancer/order/candidate.hpp"
#include "sdconnect/balancer/policy.hpp"
#include "sdconnect/balancer/selection_trace.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/net/random.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sdconnect::detail {

class order_pool;

/// The usable endpoints of one priority. Never empty when passed to a rule.
struct tier {
  std::span<const endpoint> all;  ///< the caller's set, which the candidates' indexes refer to
  std::span<const candidate> candidates;
};

struct selection_rule {
  selection_policy policy;
  std::string_view name;

  /// Writes each candidate's part of the whole, and returns the whole, which is the sum of the
  /// parts.
  uint128 (*first_choice_parts)(const tier& from, std::span<std::uint64_t> parts) noexcept;

  /// Writes the indexes of the first order.size() candidates in the order in which to try them.
  /// `candidates` are in the order of is_listed_before; the memory of `pool` is reused from order
  /// to order. Appends each draw to `steps` unless it is null.
  void (*draw_order)(std::span<const candidate> candidates, order_pool& pool, random_engine& random,
                     std::span<std::uint32_t> order, std::vector<traced_draw>* steps);
};

[[nodiscard]] const selection_rule& rule_of(selection_policy policy) noexcept;

}  // namespace sdconnect::detail
