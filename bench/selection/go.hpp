/// \file
/// Go's net, which brings SRV records into order by weight too. A program of Go's, built by
/// scripts/bench.
#pragma once

#include <cstddef>

namespace sdconnect::bench {

/// Whether go_order is beside this program.
[[nodiscard]] bool has_go_order();

/// The ns that an order of so many records takes there: the median of about a tenth of a second.
[[nodiscard]] double go_order_cost(std::size_t size);

}  // namespace sdconnect::bench
