/// \file
/// Go's net package, which also orders SRV records by weight. scripts/bench builds the Go program.
#pragma once

#include <cstddef>

namespace sdconnect::bench {

/// Whether the program go_order is in the folder of this program.
[[nodiscard]] bool has_go_order();

/// Returns the cost in ns of ordering `size` records: the median over about a tenth of a second.
[[nodiscard]] double go_order_cost(std::size_t size);

}  // namespace sdconnect::bench
