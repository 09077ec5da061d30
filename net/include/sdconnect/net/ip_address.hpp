/// \file
/// An IPv4 or IPv6 address as a plain value, for code without sockets.
#pragma once

#include "sdconnect/net/error.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sdconnect {

enum class ip_family : std::uint8_t { v4, v6 };
/// "IPv4", "IPv6".
[[nodiscard]] std::string_view to_string(ip_family family) noexcept;

class ip_address {
 public:
  ip_address() = default;  ///< 0.0.0.0

  static ip_address v4(std::array<std::uint8_t, 4> octets) noexcept;
  /// `scope_id`: index of the interface that a link-local address belongs to (RFC 4007); 0 means
  /// none.
  static ip_address v6(std::array<std::uint8_t, 16> octets, std::uint32_t scope_id = 0) noexcept;

  /// Reads the strict text form (inet_pton: no leading zeros, no short forms). A link-local IPv6
  /// address may have a scope, "fe80::1%2" or "fe80::1%eth0". Errors: bad_address, also for the
  /// name of an interface that this host does not have.
  [[nodiscard]] static result<ip_address> from_text(std::string_view text);
  /// Prints the scope as a number, "fe80::1%2".
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] ip_family family() const noexcept { return family_; }
  [[nodiscard]] bool is_v4() const noexcept { return family_ == ip_family::v4; }

  /// 4 or 16 octets in network order.
  [[nodiscard]] std::span<const std::uint8_t> octets() const noexcept {
    return {octets_.data(), is_v4() ? std::size_t{4} : std::size_t{16}};
  }

  [[nodiscard]] std::uint32_t scope_id() const noexcept { return scope_id_; }

  /// Returns 192.0.2.1 for ::ffff:192.0.2.1 (RFC 4291 §2.5.5.2), and any other address unchanged.
  [[nodiscard]] ip_address unmapped() const noexcept;

  [[nodiscard]] bool is_loopback() const noexcept;

  /// True for IPv6 addresses in fe80::/10 and for multicast to this link or interface (such as
  /// ff01::/16, ff02::/16): the addresses that may have a scope.
  [[nodiscard]] bool is_link_local() const noexcept;

  /// False for addresses that no stream can connect to: 0.0.0.0/8, ::, multicast, 255.255.255.255,
  /// and their IPv4-mapped forms.
  [[nodiscard]] bool is_connectable() const noexcept;

  friend auto operator<=>(const ip_address&, const ip_address&) = default;

 private:
  friend class message_reader;

  ip_family family_ = ip_family::v4;
  std::array<std::uint8_t, 16> octets_{};  // IPv4 uses the first four, the others are zero
  std::uint32_t scope_id_ = 0;
};

}  // namespace sdconnect
