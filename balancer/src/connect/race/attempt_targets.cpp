#include "connect/race/attempt_targets.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace sdconnect::detail {
namespace {

/// Iterates over the addresses of one family.
class family {
 public:
  family(std::span<const ip_address> all, bool is_v4, bool is_wanted)
      : left_(is_wanted ? all : all.first(0)), is_v4_(is_v4) {}

  /// Returns the next address; nullopt if there are no more.
  std::optional<ip_address> next() {
    while (!left_.empty()) {
      const ip_address plain = left_.front().unmapped();
      left_ = left_.subspan(1);
      if (plain.is_v4() == is_v4_) return plain;
    }
    return std::nullopt;
  }

 private:
  std::span<const ip_address> left_;
  bool is_v4_;
};

}  // namespace

std::vector<attempt_target> attempt_targets(
    std::span<const endpoint* const> order, bool use_ipv4, bool use_ipv6,
    const std::function<bool(const endpoint&, const ip_address&)>& failed_lately) {
  std::vector<attempt_target> out;
  out.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const endpoint& e = *order[i];
    const std::size_t first = out.size();
    const auto add = [&](const std::optional<ip_address>& a) {
      if (a) out.push_back({i, *a, e.port, e.priority, !a->is_connectable()});
      return a.has_value();
    };
    family v6(e.addresses, false, use_ipv6), v4(e.addresses, true, use_ipv4);
    for (bool is_any = true; is_any;) {
      is_any = add(v6.next());
      is_any = add(v4.next()) || is_any;
    }
    if (failed_lately && out.size() - first > 1) {
      std::stable_partition(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                            [&](const attempt_target& c) { return !failed_lately(e, c.address); });
    }
  }
  return out;
}

}  // namespace sdconnect::detail
