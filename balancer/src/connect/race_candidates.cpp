#include "connect/race_candidates.hpp"

#include <algorithm>
#include <cstddef>

namespace sdconnect {

std::vector<race_candidate> race_candidates(
    std::span<const endpoint* const> order, bool use_ipv4, bool use_ipv6,
    const std::function<bool(const endpoint&, const ip_address&)>& failed_lately) {
  std::vector<race_candidate> out;
  std::vector<ip_address> v6, v4;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const endpoint& e = *order[i];
    v6.clear();
    v4.clear();
    for (const ip_address& address : e.addresses) {
      const ip_address plain = address.unmapped();
      if (plain.is_v4() ? use_ipv4 : use_ipv6) (plain.is_v4() ? v4 : v6).push_back(plain);
    }
    const std::size_t first = out.size();
    const auto add = [&](const ip_address& a) { out.push_back({i, a, e.port, e.priority, !a.is_connectable()}); };
    for (std::size_t k = 0; k < std::max(v4.size(), v6.size()); ++k) {
      if (k < v6.size()) add(v6[k]);
      if (k < v4.size()) add(v4[k]);
    }
    if (failed_lately && out.size() - first > 1) {
      std::stable_partition(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                            [&](const race_candidate& c) { return !failed_lately(e, c.address); });
    }
  }
  return out;
}

}  // namespace sdconnect
