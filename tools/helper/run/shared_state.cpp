#include "helper/run/shared_state.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>
#include <span>
#include <sys/socket.h>
#include <utility>

namespace sdconnect::helper {
namespace {

/// Whether an interface of this host has the address.
bool is_of_this_host(const ip_address& address) {
  if (address.is_loopback()) return true;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> guard(all, &::freeifaddrs);
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    const int family = one->ifa_addr->sa_family;
    if (family != (address.is_v4() ? AF_INET : AF_INET6)) continue;
    const std::size_t offset = family == AF_INET ? offsetof(sockaddr_in, sin_addr) : offsetof(sockaddr_in6, sin6_addr);
    const std::span<const std::uint8_t> octets = address.octets();
    if (std::memcmp(reinterpret_cast<const char*>(one->ifa_addr) + offset, octets.data(), octets.size()) == 0)
      return true;
  }
  return false;
}

}  // namespace

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
    return is_any ? is_of_this_host(plain) : at.address.unmapped() == plain;
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
