/// \file
/// Policy `least-loaded`: the power of two choices.
#pragma once

#include "sdconnect/net/random.hpp"

#include <cstdint>

namespace sdconnect::detail {

/// Returns a / weight_a < b / weight_b, computed in integers. A weight of 0 counts as 1: it is
/// compared only with other zero weights.
[[nodiscard]] constexpr bool is_less_loaded(std::uint64_t a, std::uint64_t weight_a, std::uint64_t b,
                                            std::uint64_t weight_b) noexcept {
  const auto positive = [](std::uint64_t weight) { return weight > 0 ? weight : 1; };
  return uint128{a} * positive(weight_b) < uint128{b} * positive(weight_a);
}

/// Draws two, each in proportion to the weights, and takes the one with less in flight relative to
/// its weight; if they are equally loaded, the first drawn.
///
/// So without load, or with loads in proportion to the weights, the shares are those of the draw.
/// Compares what is in flight now, without the new request: (in flight + 1) / weight would give the
/// light endpoints of an idle set almost nothing, 1/9 instead of 1/3 for weights 1 and 2.
///
/// `draw()` returns an index, `in_flight_of(index)` and `weight_of(index)` unsigned integers.
template <class Draw, class InFlight, class Weight>
[[nodiscard]] std::uint32_t pick_less_loaded(Draw&& draw, const InFlight& in_flight_of, const Weight& weight_of) {
  const std::uint32_t first = draw();
  const std::uint32_t second = draw();
  if (first == second) return first;
  return is_less_loaded(in_flight_of(second), weight_of(second), in_flight_of(first), weight_of(first)) ? second
                                                                                                        : first;
}

}  // namespace sdconnect::detail
