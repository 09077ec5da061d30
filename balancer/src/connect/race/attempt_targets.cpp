#include "connect/race/attempt_targets.hpp"

#include "connect/race/attempt_outcome.hpp"

#include <algorithm>
#include <cstddef>

namespace sdconnect::detail {
namespace {

/// The addresses of one family in the order to be tried. Reused for all endpoints.
class family {
 public:
  family(bool is_v4, bool is_wanted) : is_v4_(is_v4), is_wanted_(is_wanted) {}

  void take(const endpoint& of, const address_order& with) {
    left_.clear();
    next_ = 0;
    if (!is_wanted_) return;
    for (const ip_address& address : of.addresses) {
      if (const ip_address plain = address.unmapped(); plain.is_v4() == is_v4_) left_.push_back(plain);
    }
    if (!with.turn || left_.size() < 2) return;
    // Servers rotate their answers. Turns need an order that stays the same. Addresses that are not
    // tried take no turn.
    std::ranges::sort(left_);
    const auto end =
        std::stable_partition(left_.begin(), left_.end(), [](const ip_address& a) { return !refusal_of(a); });
    if (end == left_.begin()) return;
    const auto first = with.turn(of) % static_cast<std::uint64_t>(end - left_.begin());
    std::rotate(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(first), end);
  }

  /// Returns the next address; nullptr if there are no more.
  [[nodiscard]] const ip_address* next() noexcept { return next_ == left_.size() ? nullptr : &left_[next_++]; }

 private:
  std::vector<ip_address> left_;
  std::size_t next_ = 0;
  bool is_v4_;
  bool is_wanted_;
};

}  // namespace

error_code refusal_of(const ip_address& address) noexcept {
  if (!address.is_connectable()) return errc::refused_address;
  if (address.is_link_local() && address.scope_id() == 0) return no_scope();
  return {};
}

std::vector<attempt_target> attempt_targets(std::span<const endpoint* const> order, bool use_ipv4, bool use_ipv6,
                                            const address_order& with) {
  std::vector<attempt_target> out;
  out.reserve(order.size());
  family v6(false, use_ipv6), v4(true, use_ipv4);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const endpoint& e = *order[i];
    const std::size_t first = out.size();
    const auto add = [&](const ip_address* a) {
      if (a != nullptr) {
        const bool is_refused = refusal_of(*a).failed() || (with.admits && !with.admits(e, *a));
        out.push_back({i, *a, e.port, e.priority, is_refused});
      }
      return a != nullptr;
    };
    v6.take(e, with);
    v4.take(e, with);
    for (bool is_any = true; is_any;) {
      is_any = add(v6.next());
      is_any = add(v4.next()) || is_any;
    }
    if (with.failed_lately && out.size() - first > 1) {
      std::stable_partition(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                            [&](const attempt_target& c) { return !with.failed_lately(e, c.address); });
    }
  }
  return out;
}

}  // namespace sdconnect::detail
