/// \file
/// Comparison of secrets.
#pragma once

#include <cstddef>
#include <string_view>

namespace sdconnect::detail {

/// Takes a time that depends only on the length of `given`, so that it does not tell how much of a
/// guess was right.
[[nodiscard]] inline bool equal_in_constant_time(std::string_view expected, std::string_view given) noexcept {
  unsigned char difference = expected.size() == given.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = expected.empty() ? '\0' : expected[i % expected.size()];
    difference = static_cast<unsigned char>(difference |
                                            (static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(other)));
  }
  return difference == 0;
}

}  // namespace sdconnect::detail
