#include "helper/route/listen_address.hpp"

#include <sys/un.h>

namespace sdconnect::helper {
namespace {

using cli::parsed;
using cli::value_fault;

constexpr const char* listen_form = "PORT, ADDR:PORT, [ADDR]:PORT, udp:PORT or unix:PATH";
constexpr std::string_view unix_prefix = "unix:", udp_prefix = "udp:";

parsed<listen_address> unix_address(std::string_view path) {
  if (path.empty()) return value_fault{"no path", "unix:PATH"};
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return value_fault{"path too long", "a path of a Unix socket has at most 107 octets"};
  return listen_address{.kind = listen_kind::unix_socket, .path = std::string(path)};
}

}  // namespace

std::string listen_address::to_text() const {
  if (kind == listen_kind::unix_socket) return std::string(unix_prefix) + path;
  const std::string host = address.is_v4() ? address.to_text() : "[" + address.to_text() + "]";
  return (kind == listen_kind::udp ? std::string(udp_prefix) : std::string()) + host + ":" + std::to_string(port);
}

parsed<listen_address> listen_address_from_text(std::string_view text) {
  if (text.starts_with(unix_prefix)) return unix_address(text.substr(unix_prefix.size()));
  listen_address out;
  if (text.starts_with(udp_prefix)) {
    out.kind = listen_kind::udp;
    text.remove_prefix(udp_prefix.size());
  }
  const std::size_t colon = text.rfind(':');
  const bool has_host = colon != std::string_view::npos;
  const parsed<std::uint64_t> port = cli::number_from_text(has_host ? text.substr(colon + 1) : text, 0, 65535);
  if (!port) return value_fault{"not a port", listen_form};
  out.port = static_cast<std::uint16_t>(*port);
  if (!has_host) return out;
  std::string_view host = text.substr(0, colon);
  if (host == "localhost") return out;
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const result<ip_address> address = ip_address::from_text(host);
  // Without brackets the last group of an IPv6 address looks like a port.
  if (!address || address->is_v4() == is_bracketed) return value_fault{"not an address of this host", listen_form};
  out.address = *address;
  return out;
}

}  // namespace sdconnect::helper
