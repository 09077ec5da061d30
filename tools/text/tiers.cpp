#include "text/tiers.hpp"

#include <algorithm>

namespace sdconnect::cli {

std::vector<std::span<const endpoint>> tiers_of(std::span<const endpoint> endpoints) {
  std::vector<std::span<const endpoint>> tiers;
  while (!endpoints.empty()) {
    const auto end = std::ranges::find_if(
        endpoints, [first = endpoints.front().priority](const endpoint& e) { return e.priority != first; });
    const auto size = static_cast<std::size_t>(end - endpoints.begin());
    tiers.push_back(endpoints.first(size));
    endpoints = endpoints.subspan(size);
  }
  return tiers;
}

}  // namespace sdconnect::cli
