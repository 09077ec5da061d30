/// \file
/// Random variation of times, so that clients do not act at the same moment.
#pragma once

#include "sdconnect/net/random.hpp"

#include <chrono>

namespace sdconnect::detail {

/// Uniform in [0, 1).
inline double uniform_share(random_engine& random) noexcept { return static_cast<double>(random() >> 11) * 0x1p-53; }

/// Returns `nominal` multiplied by a factor that is uniform in 1 - `jitter` .. 1 + `jitter`.
inline std::chrono::steady_clock::duration jittered(std::chrono::steady_clock::duration nominal, double jitter,
                                                    random_engine& random) noexcept {
  const double factor = 1 + jitter * (2 * uniform_share(random) - 1);
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double, std::chrono::steady_clock::period>(nominal) * factor);
}

}  // namespace sdconnect::detail
