/// \file
/// Counts the calls of operator new in this program. Its operator new replaces that of the standard
/// library.
#pragma once

#include <cstddef>

namespace sdconnect::bench {

/// Number of calls by all threads since the start.
[[nodiscard]] std::size_t allocation_count() noexcept;

}  // namespace sdconnect::bench
