/// \file
/// The choice a command goes by: the first endpoint with every step that led to it, and the order behind it.
#pragma once

#include "options.hpp"
#include "sdconnect/balancer/random.hpp"
#include "sdconnect/balancer/selection_trace.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::cli {

struct choice {
  selection_trace decision;
  std::vector<std::uint32_t> order;  ///< of the usable endpoints, the one chosen in front
};

/// The order is one of selection_order, with its chances. It is drawn alike whether or not anybody wants to see the
/// decision, so that a seed gives the same.
[[nodiscard]] choice choose_order(const options& opts, std::span<const endpoint> endpoints, random_engine& random);

/// Policy hash: the key of --hash-key, or without it a fresh one. Nothing for the others.
[[nodiscard]] std::optional<std::uint64_t> next_key(const options& opts, random_engine& random);

}  // namespace sdconnect::cli
