/// \file
/// The one split of a sorted list by priority.
#pragma once

#include <algorithm>
#include <iterator>

namespace sdconnect::detail {

/// The end of the priority tier that begins at `first`. `priority_of` gives the priority of an
/// element. REQUIRES: first != last.
template <class Iterator, class Priority>
[[nodiscard]] Iterator end_of_tier(Iterator first, Iterator last, Priority priority_of) {
  return std::find_if(std::next(first), last,
                      [&](const auto& each) { return priority_of(each) != priority_of(*first); });
}

}  // namespace sdconnect::detail
