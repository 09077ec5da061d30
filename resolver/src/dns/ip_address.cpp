#include "sdconnect/dns/ip_address.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace sdconnect {

ip_address ip_address::v4(std::array<std::uint8_t, 4> octets) noexcept {
  ip_address address;
  std::ranges::copy(octets, address.octets_.begin());
  return address;
}

ip_address ip_address::v6(std::array<std::uint8_t, 16> octets) noexcept {
  ip_address address;
  address.family_ = ip_family::v6;
  address.octets_ = octets;
  return address;
}

result<ip_address> ip_address::from_text(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != text.npos) return errc::bad_address;
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
  return inet_ntop(is_v4() ? AF_INET : AF_INET6, octets_.data(), text.data(), text.size());
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
