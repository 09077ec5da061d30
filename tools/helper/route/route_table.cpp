#include "helper/route/route_table.hpp"

#include "sdconnect/dns/service_name.hpp"

#include <algorithm>

namespace sdconnect::helper {
namespace {

using cli::parsed;
using cli::value_fault;

constexpr const char* mapping_form = "HOST[:PORT]=SERVICE, like www.example.com:443=_https._tcp.example.com";

route refuse(std::string reason, bool is_misdirected = false) {
  return {.reason = std::move(reason), .is_misdirected = is_misdirected};
}

}  // namespace

parsed<host_mapping> host_mapping_from_text(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return value_fault{"no '='", mapping_form};
  std::string_view host = text.substr(0, equals);
  host_mapping out;
  if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos) {
    const parsed<std::uint64_t> port = cli::number_from_text(host.substr(colon + 1), 1, 65535);
    if (!port) return value_fault{"not a port", mapping_form};
    out.port = static_cast<std::uint16_t>(*port);
    host = host.substr(0, colon);
  }
  const result<name> from = name::from_text(host);
  if (!from || from->is_root()) return value_fault{"not a host", mapping_form};
  const result<name> to = name::from_text(text.substr(equals + 1));
  if (!to) return value_fault{"not a service: " + to.error().message(), mapping_form};
  const std::optional<service_labels> parts = split_service_name(*to);
  if (!parts || parts->udp) return value_fault{"not a service over TCP", mapping_form};
  out.host = *from;
  out.service = *to;
  return out;
}

const host_mapping* route_table::mapping_of(const destination& to) const {
  const host_mapping* of_any_port = nullptr;
  for (const host_mapping& m : options_.mappings) {
    if (std::ranges::find(to.names, m.host) == to.names.end()) continue;
    if (m.port == to.port) return &m;
    if (!m.port) of_any_port = &m;
  }
  return of_any_port;
}

bool route_table::is_allowed(const name& service) const {
  return options_.allowed.empty() ||
         std::ranges::any_of(options_.allowed, [&](const name& domain) { return service.is_at_or_below(domain); });
}

route route_table::find(const destination& to) const {
  if (const host_mapping* m = mapping_of(to)) return {.kind = route_kind::service, .names = {m->service}};
  if (to.names.empty() && !to.address) return refuse("not a domain name", true);

  route found{.kind = route_kind::service};
  for (const name& n : to.names) {
    const std::optional<service_labels> parts = split_service_name(n);
    if (!parts) continue;
    if (parts->udp) return refuse("a service over UDP has no stream", true);
    if (!is_allowed(n)) return refuse("not in an allowed domain");
    found.names.push_back(n);
  }
  if (!found.names.empty()) return found;

  const auto port = options_.ports.find(to.port);
  if (!to.names.empty() && port != options_.ports.end()) {
    const result<name> transport = to.names.front().child("_tcp");
    const result<name> srv = transport ? transport->child("_" + port->second) : transport;
    if (srv && is_allowed(*srv)) return {.kind = route_kind::service_or_host, .names = {*srv}};
  }
  if (options_.allow_direct) return {.kind = route_kind::direct};
  if (to.address) return refuse("an address is no service", true);
  return refuse("not a service name", true);
}

}  // namespace sdconnect::helper
