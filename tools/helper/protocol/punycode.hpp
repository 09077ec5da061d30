/// \file
/// Punycode (RFC 3492), the text behind "xn--" in a host name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sdconnect::helper {

/// Decodes to UTF-8. Returns nothing for text that is not Punycode.
[[nodiscard]] std::optional<std::string> punycode_to_utf8(std::string_view encoded);

}  // namespace sdconnect::helper
