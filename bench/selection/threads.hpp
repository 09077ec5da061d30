/// \file
/// The cost of choices while another thread chooses or publishes.
#pragma once

#include "bench/selection/ours.hpp"

#include <cstddef>

namespace sdconnect::bench {

/// Returns the rate of two concurrent threads as a multiple of the rate of one, by the CPU time
/// that each needs. Both choosers may be the same object if two threads may share it.
[[nodiscard]] double two_thread_factor(chooser& here, chooser& there, std::size_t times, std::size_t rounds);

/// Returns the cost of a choice while another thread publishes a thousand snapshots a second, as a
/// multiple of the cost without the writer.
[[nodiscard]] double cost_with_writer(our_set& set, chooser& here, std::size_t times, std::size_t rounds);

}  // namespace sdconnect::bench
