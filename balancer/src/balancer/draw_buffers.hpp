/// \file
/// Memory that draws of an order reuse.
#pragma once

#include "balancer/candidate.hpp"
#include "balancer/tree_pool.hpp"

#include <vector>

namespace sdconnect::detail {

struct draw_buffers {
  std::vector<candidate> scanned;
  tree_pool tree;
};

}  // namespace sdconnect::detail
