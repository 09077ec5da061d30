/// \file
/// Memory that draws of an order reuse.
#pragma once

#include "balancer/candidate.hpp"
#include "balancer/exact_alias_table.hpp"
#include "balancer/grouped_sums.hpp"
#include "balancer/thinning.hpp"
#include "balancer/tree_pool.hpp"

#include <vector>

namespace sdconnect::detail {

struct draw_buffers {
  std::vector<candidate> scanned;
  thinning_buffers<exact_alias_table> thinned;
  thinning_buffers<grouped_sums> grouped;
  tree_pool tree;
};

}  // namespace sdconnect::detail
