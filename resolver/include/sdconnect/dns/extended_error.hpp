/// \file
/// Extended DNS errors: why a name server failed, or what is special about its answer (RFC 8914).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sdconnect {

/// What a name server adds to its reply in an EDNS option (RFC 8914 §2). It explains, and proves
/// nothing: anybody who can forge a reply can write it (§6).
struct extended_error {
  std::uint16_t code = 0;  ///< INFO-CODE
  std::string text;        ///< EXTRA-TEXT, raw octets, the first max_extended_text; should be UTF-8, and may be empty

  friend bool operator==(const extended_error&, const extended_error&) = default;
};

/// Maximum number of extended errors that are kept of one reply.
inline constexpr std::size_t max_extended_errors = 4;

/// Maximum number of octets that are kept of a text. Longer texts are cut between characters.
inline constexpr std::size_t max_extended_text = 256;

/// "Signature Expired" for 7: the name in IANA's registry "Extended DNS Error Codes"; empty for a
/// code without name.
[[nodiscard]] std::string_view extended_error_name(std::uint16_t code) noexcept;

/// "EDE 7 (Signature Expired): text", escaped for display.
[[nodiscard]] std::string to_string(const extended_error& e);

}  // namespace sdconnect
