/// \file
/// Spreads threads over rows of counters.
#pragma once

#include <cstdint>

namespace sdconnect::detail {

/// A number of the calling thread's own, counted up from 0 as threads first ask.
[[nodiscard]] std::uint32_t thread_row() noexcept;

}  // namespace sdconnect::detail
