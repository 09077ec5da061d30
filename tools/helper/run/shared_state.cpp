#include "helper/run/shared_state.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::helper {

void own_listeners::set(std::vector<listen_address> all) {
  const std::scoped_lock lock(mutex_);
  all_ = std::move(all);
}

bool own_listeners::contains(const ip_address& address, std::uint16_t port) const {
  const ip_address plain = address.unmapped();
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(all_, [&](const listen_address& at) {
    if (at.kind != listen_kind::tcp || at.port != port) return false;
    const bool is_any = !at.address.is_connectable();
    return is_any || at.address.unmapped() == plain;
  });
}

std::shared_ptr<const settings> shared_state::current() const {
  const std::scoped_lock lock(mutex_);
  return settings_;
}

void shared_state::replace(std::shared_ptr<const settings> with) {
  // The old one may be the last owner of a connector: destroyed without the lock.
  const std::scoped_lock lock(mutex_);
  settings_.swap(with);
}

}  // namespace sdconnect::helper
