/// \file
/// Ways to a full order by weight.
#pragma once

#include "sdconnect/balancer/random.hpp"
#include "sdconnect/balancer/selection.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::bench {

class order_maker {
 public:
  order_maker() = default;
  order_maker(const order_maker&) = delete;
  order_maker& operator=(const order_maker&) = delete;
  virtual ~order_maker() = default;

  virtual std::span<const std::uint32_t> draw(random_engine& random) = 0;
};

struct order_rival {
  std::string name;
  std::unique_ptr<order_maker> (*make)(std::span<const endpoint> endpoints);
  selection_policy policy;  ///< whose shares it has
  bool is_quadratic = false;
};

/// The first is ours.
[[nodiscard]] std::vector<order_rival> order_rivals();

}  // namespace sdconnect::bench
