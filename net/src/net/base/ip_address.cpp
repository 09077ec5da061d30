#include "sdconnect/net/ip_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <net/if.h>

namespace sdconnect {
namespace {

// RFC 4007 §11.2: an index or the name of an interface. Index 0 means no scope and is rejected.
result<std::uint32_t> scope_from_text(std::string_view text) {
  std::uint32_t index = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (ec == std::errc() && end == text.data() + text.size() && index != 0) return index;

  std::array<char, IF_NAMESIZE> terminated{};
  if (text.size() >= terminated.size()) return errc::bad_address;
  std::ranges::copy(text, terminated.begin());
  index = if_nametoindex(terminated.data());
  if (index == 0) return errc::bad_address;
  return index;
}

}  // namespace

std::string_view to_string(ip_family family) noexcept {
  switch (family) {
    case ip_family::v4: return "IPv4";
    case ip_family::v6: return "IPv6";
  }
  return "unknown";
}

ip_address ip_address::v4(std::array<std::uint8_t, 4> octets) noexcept {
  ip_address address;
  std::ranges::copy(octets, address.octets_.begin());
  return address;
}

ip_address ip_address::v6(std::array<std::uint8_t, 16> octets, std::uint32_t scope_id) noexcept {
  ip_address address;
  address.family_ = ip_family::v6;
  address.octets_ = octets;
  address.scope_id_ = scope_id;
  return address;
}

result<ip_address> ip_address::from_text(std::string_view text) {
  if (text.find('\0') != text.npos) return errc::bad_address;
  if (const std::size_t percent = text.find('%'); percent != text.npos) {
    result<ip_address> address = from_text(text.substr(0, percent));
    if (!address || !address->is_link_local()) return errc::bad_address;
    const result<std::uint32_t> scope = scope_from_text(text.substr(percent + 1));
    if (!scope) return scope.error();
    address->scope_id_ = *scope;
    return address;
  }

  std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
  if (text.size() >= terminated.size()) return errc::bad_address;
  std::ranges::copy(text, terminated.begin());

  if (std::array<std::uint8_t, 4> octets; inet_pton(AF_INET, terminated.data(), octets.data()) == 1) {
    return v4(octets);
  }
  if (std::array<std::uint8_t, 16> octets; inet_pton(AF_INET6, terminated.data(), octets.data()) == 1) {
    return v6(octets);
  }
  return errc::bad_address;
}

std::string ip_address::to_text() const {
  std::array<char, INET6_ADDRSTRLEN> text;
  inet_ntop(is_v4() ? AF_INET : AF_INET6, octets_.data(), text.data(), text.size());
  std::string out = text.data();
  if (scope_id_ != 0) out += '%' + std::to_string(scope_id_);
  return out;
}

ip_address ip_address::unmapped() const noexcept {
  constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (is_v4() || !std::equal(mapped_prefix.begin(), mapped_prefix.end(), octets_.begin())) return *this;
  return v4({octets_[12], octets_[13], octets_[14], octets_[15]});
}

bool ip_address::is_loopback() const noexcept {
  const ip_address plain = unmapped();
  if (plain.is_v4()) return plain.octets_[0] == 127;
  return std::all_of(octets_.begin(), octets_.end() - 1, [](std::uint8_t o) { return o == 0; }) && octets_[15] == 1;
}

bool ip_address::is_link_local() const noexcept {
  if (is_v4()) return false;
  const bool unicast = octets_[0] == 0xfe && (octets_[1] & 0xc0) == 0x80;
  const unsigned multicast_scope = octets_[1] & 0x0f;  // RFC 4291 §2.7
  return unicast || (octets_[0] == 0xff && (multicast_scope == 1 || multicast_scope == 2));
}

bool ip_address::is_connectable() const noexcept {
  const ip_address plain = unmapped();
  if (plain.is_v4()) {
    const bool multicast = (plain.octets_[0] & 0xf0) == 0xe0;
    const bool broadcast = plain == v4({255, 255, 255, 255});
    return plain.octets_[0] != 0 && !multicast && !broadcast;
  }
  const bool unspecified = plain == v6({});
  return !unspecified && plain.octets_[0] != 0xff;
}

}  // namespace sdconnect
