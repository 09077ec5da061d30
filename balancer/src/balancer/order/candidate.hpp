/// \file
/// An endpoint reduced to what a draw needs.
#pragma once

#include <cstdint>

namespace sdconnect::detail {

struct candidate {
  std::uint32_t index = 0;  ///< in the set of the caller
  std::uint32_t weight = 0;
};

}  // namespace sdconnect::detail
