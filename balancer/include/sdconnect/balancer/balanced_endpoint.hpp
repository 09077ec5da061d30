/// \file
/// Endpoints as the balancer returns them: immutable, with their counters in a separate record.
#pragma once

#include "sdconnect/balancer/endpoint_record.hpp"
#include "sdconnect/balancer/health_group.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace sdconnect {

struct balanced_endpoint {
  /// `listed` may be a part of a list that it keeps alive. REQUIRES: neither is null.
  balanced_endpoint(std::shared_ptr<const endpoint> listed, std::shared_ptr<endpoint_record> with)
      : where(*listed), record(std::move(with)), listed_(std::move(listed)) {}

  const endpoint& where;
  /// Never null. Endpoints of other priorities with the same target and port share it.
  std::shared_ptr<endpoint_record> record;

 private:
  std::shared_ptr<const endpoint> listed_;
};

/// The latest endpoints from DNS, in the order of is_listed_before. Immutable; a change of health
/// does not copy it.
using endpoint_set = std::vector<balanced_endpoint>;

struct selection_trace;

namespace detail {
struct snapshot;
}  // namespace detail

/// The order in which one request tries endpoints (balancer::plan).
struct attempt_plan {
  std::shared_ptr<const endpoint_set> set;  ///< never null
  std::vector<std::uint32_t> order;         ///< indexes into `set`: each endpoint that can be tried, once
  /// Number of usable endpoints at the front of `order`. The others (down, or on trial by another
  /// request) are a last resort, whose attempts are not limited to one at a time.
  std::size_t usable = 0;
  std::shared_ptr<const detail::snapshot> from;       ///< the snapshot it was drawn from; null for a caller's own order
  std::shared_ptr<const selection_trace> trace = {};  ///< how the first endpoint was chosen (balancer::explained_plan)

  [[nodiscard]] const balanced_endpoint& operator[](std::size_t at) const noexcept { return (*set)[order[at]]; }

  /// Moves the endpoint at `at` to the end of the last resort. For endpoints that
  /// balancer::try_acquire refused. REQUIRES: at < order.size().
  void postpone(std::size_t at);
};

/// One endpoint as the balancer sees it (balancer::status).
struct endpoint_status {
  endpoint where;
  endpoint_health health;  ///< that of a new endpoint, once the endpoint has left DNS
  endpoint_stats stats;
  double share = 0;          ///< probability of being the next pick, to 2^-32; ignores key, loads and limits
  bool is_draining = false;  ///< no longer in DNS, but still in use
};

}  // namespace sdconnect
