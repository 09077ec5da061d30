#include "helper/run/admission.hpp"

#include "sdconnect/dns/service_name.hpp"

namespace sdconnect::helper {
namespace {

bool is_link_local(const ip_address& address) {
  if (!address.is_v4()) return address.is_link_local();
  return address.octets()[0] == 169 && address.octets()[1] == 254;  // RFC 3927
}

}  // namespace

std::function<bool(const name&, const endpoint&, const ip_address&)> admission(
    const own_listeners& own, bool allow_loopback, std::function<bool(const name&)> is_asked_locally) {
  return [&own, allow_loopback, is_local = std::move(is_asked_locally)](const name& service, const endpoint& to,
                                                                        const ip_address& at) -> bool {
    const ip_address address = at.unmapped();
    if (own.contains(address, to.port) || is_link_local(address)) return false;
    if (!address.is_loopback() || allow_loopback || !split_service_name(service)) return true;
    return is_local && is_local(service);
  };
}

}  // namespace sdconnect::helper
