/// \file
/// Spreads threads over rows of counters.
#pragma once

#include <cstdint>

namespace sdconnect::detail {

/// Returns the number of the calling thread. Threads are numbered from 0 in the order of their
/// first call.
[[nodiscard]] std::uint32_t thread_row() noexcept;

}  // namespace sdconnect::detail
