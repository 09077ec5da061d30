/// \file
/// TXT records in DNS-SD: key/value pairs with opaque values (RFC 6763 §6).
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

/// One pair. Without a value the string had no "=", which differs from an empty value
/// (RFC 6763 §6.4). The members are views into the txt_record.
struct txt_entry {
  std::string_view key;
  std::optional<std::string_view> value;

  friend bool operator==(const txt_entry&, const txt_entry&) = default;
};

/// Data of one TXT record. A default-constructed object is the empty record, which equals a missing
/// TXT record (§6.1). Copies share the octets.
class txt_record {
 public:
  txt_record() = default;

  /// Reads RDATA as received. Empty RDATA counts as one empty string. Errors: malformed_rdata if a
  /// string extends beyond the end.
  [[nodiscard]] static result<txt_record> from_rdata(std::span<const std::uint8_t> rdata);

  /// Returns the pairs in wire order. Splits each string at the first "=". Omits strings that are
  /// empty, begin with "=" or have a key with octets outside 0x20–0x7E. Of a repeated key (ASCII
  /// case ignored) only the first pair counts (§6.4).
  [[nodiscard]] std::vector<txt_entry> entries() const;

  /// Returns the pair with this key, ASCII case ignored; nullopt if the key is absent.
  [[nodiscard]] std::optional<txt_entry> find(std::string_view key) const;

  [[nodiscard]] std::string_view rdata() const noexcept {
    return octets_ ? std::string_view(*octets_) : std::string_view();
  }

  /// Compares octet by octet. Only the empty record has two equal forms: without strings, and with
  /// empty strings (§6.1).
  friend bool operator==(const txt_record& a, const txt_record& b) noexcept;

 private:
  std::shared_ptr<const std::string> octets_;  // null: none
};

/// The condition that KEY is present, or that KEY has exactly this value. Keys are compared
/// ignoring ASCII case.
struct txt_condition {
  std::string key;
  std::optional<std::string> value;

  /// Reads `KEY` or `KEY=VALUE`. Errors: bad_service for an empty key or one with octets outside
  /// 0x20–0x7E.
  [[nodiscard]] static result<txt_condition> from_text(std::string_view text);
};

}  // namespace sdconnect
