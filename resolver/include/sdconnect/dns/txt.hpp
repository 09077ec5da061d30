/// \file
/// TXT records as DNS-SD reads them: key/value pairs with opaque values (RFC 6763 §6).
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

/// One pair. Without value the key had no "=", which differs from an empty value (RFC 6763 §6.4).
/// Views into the txt_record it came from.
struct txt_entry {
  std::string_view key;
  std::optional<std::string_view> value;

  friend bool operator==(const txt_entry&, const txt_entry&) = default;
};

/// The data of one TXT record. A default constructed one is the empty record, the same as no TXT at
/// all (§6.1).
class txt_record {
 public:
  txt_record() = default;

  /// RDATA as received. No data at all counts as one empty string. Errors: malformed_rdata when a
  /// string runs past the end.
  [[nodiscard]] static result<txt_record> from_rdata(std::span<const std::uint8_t> rdata);

  /// The pairs in wire order: split at the first "="; strings that are empty, begin with "=" or
  /// have a key with octets outside 0x20–0x7E are left out; of a repeated key (ASCII case ignored)
  /// only the first counts (§6.4).
  [[nodiscard]] std::vector<txt_entry> entries() const;

  /// The pair of that key, ASCII case ignored; nullopt when the key is absent.
  [[nodiscard]] std::optional<txt_entry> find(std::string_view key) const;

  [[nodiscard]] std::string_view rdata() const noexcept { return rdata_; }

  /// Octet by octet; only the empty record has two forms, without strings and with empty ones
  /// (§6.1).
  friend bool operator==(const txt_record& a, const txt_record& b) noexcept;

 private:
  std::string rdata_;
};

/// KEY is present, or KEY has exactly this value. Keys compare without ASCII case.
struct txt_condition {
  std::string key;
  std::optional<std::string> value;

  /// Reads `KEY` or `KEY=VALUE`. Errors: bad_service for an empty key or one outside 0x20–0x7E.
  [[nodiscard]] static result<txt_condition> from_text(std::string_view text);
};

}  // namespace sdconnect
