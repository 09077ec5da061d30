/// \file
/// What choices cost while another thread chooses or publishes.
#pragma once

#include "bench/selection/ours.hpp"

#include <cstddef>

namespace sdconnect::bench {

/// The rate of two threads at once, as a multiple of that of one, by the processor's time that each
/// of them needs. The choosers may be one, if that may be used by two.
[[nodiscard]] double two_thread_factor(chooser& here, chooser& there, std::size_t times, std::size_t rounds);

/// The cost of a choice while another thread publishes a thousand snapshots a second, as a multiple
/// of that without.
[[nodiscard]] double cost_with_writer(our_set& set, chooser& here, std::size_t times, std::size_t rounds);

}  // namespace sdconnect::bench
