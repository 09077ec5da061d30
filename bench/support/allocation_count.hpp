/// \file
/// How often this program has called operator new, which stands before the standard library's.
#pragma once

#include <cstddef>

namespace sdconnect::bench {

/// By all threads, since the start.
[[nodiscard]] std::size_t allocation_count() noexcept;

}  // namespace sdconnect::bench
