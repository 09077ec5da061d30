/// \file
/// Instructions instead of nanoseconds, where the clock is in doubt.
#pragma once

#include <cstddef>
#include <string>

namespace sdconnect::bench {

/// Runs this program as `--choose WHAT SIZE TIMES` under callgrind, twice, and divides the difference of the
/// instructions by that of the times. Errors: std::runtime_error without valgrind.
[[nodiscard]] double instructions_of(const std::string& what, std::size_t size, std::size_t times);

}  // namespace sdconnect::bench
