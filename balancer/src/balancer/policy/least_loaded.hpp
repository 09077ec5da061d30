/// \file
/// Policy `least-loaded`: the power of two choices.
#pragma once

#include "sdconnect/net/random.hpp"

#include <cstdint>

namespace sdconnect::detail {

/// Whether a / weight_a < b / weight_b, in integers. A weight of 0 counts as 1: it is compared only
/// with its like.
[[nodiscard]] constexpr bool is_less_loaded(std::uint64_t a, std::uint64_t weight_a, std::uint64_t b,
                                            std::uint64_t weight_b) noexcept {
  const auto positive = [](std::uint64_t weight) { return weight > 0 ? weight : 1; };
  return uint128{a} * positive(weight_b) < uint128{b} * positive(weight_a);
}

/// Draws two, each in proportion to the weights, and takes the one with less in flight for its
/// weight; equally loaded: the first drawn.
///
/// So with no load, or with one that follows the weights, the shares are those of the draw.
/// Compared is what is in flight now, without the request to come: (in flight + 1) / weight would
/// give an idle set's light endpoints next to nothing, 1/9 instead of 1/3 for weights 1 and 2.
///
/// `draw()` gives an index, `in_flight_of(index)` and `weight_of(index)` unsigned integers.
template <class Draw, class InFlight, class Weight>
[[nodiscard]] std::uint32_t pick_less_loaded(Draw&& draw, const InFlight& in_flight_of, const Weight& weight_of) {
  const std::uint32_t first = draw();
  const std::uint32_t second = draw();
  if (first == second) return first;
  return is_less_loaded(in_flight_of(second), weight_of(second), in_flight_of(first), weight_of(first)) ? second
                                                                                                        : first;
}

}  // namespace sdconnect::detail
