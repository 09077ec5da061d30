/// \file
/// Endpoints as the balancer hands them out: immutable, with what is counted of them beside.
#pragma once

#include "sdconnect/balancer/endpoint_record.hpp"
#include "sdconnect/balancer/health_group.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace sdconnect {

struct balanced_endpoint {
  endpoint where;
  /// Never null. Shared by the endpoints of other priorities that have the same target and port.
  std::shared_ptr<endpoint_record> record;
};

/// What DNS said last, in the order of is_listed_before. Immutable; changes of health do not copy
/// it.
using endpoint_set = std::vector<balanced_endpoint>;

struct selection_trace;

namespace detail {
struct snapshot;
}  // namespace detail

/// The order in which one request tries endpoints (balancer::plan).
struct attempt_plan {
  std::shared_ptr<const endpoint_set> set;  ///< never null
  std::vector<std::uint32_t> order;         ///< indexes into `set`: each endpoint that can be tried, once
  std::size_t usable = 0;  ///< the first so many are not down; the others are a last resort, without limit of trials
  std::shared_ptr<const detail::snapshot> from;       ///< what it was drawn from; null for an order of the caller's own
  std::shared_ptr<const selection_trace> trace = {};  ///< how the first was chosen (balancer::explained_plan)

  [[nodiscard]] const balanced_endpoint& operator[](std::size_t at) const noexcept { return (*set)[order[at]]; }

  /// Makes the endpoint at `at` the last one of the last resort: for what balancer::try_acquire
  /// refused. REQUIRES: at < order.size().
  void postpone(std::size_t at);
};

/// One endpoint as the balancer sees it (balancer::status).
struct endpoint_status {
  endpoint where;
  endpoint_health health;  ///< as new once it has left DNS
  endpoint_stats stats;
  double share = 0;          ///< the chance to be the next pick, to 2^-32; a key, loads and limits are not regarded
  bool is_draining = false;  ///< no longer in DNS, but still in use
};

}  // namespace sdconnect
