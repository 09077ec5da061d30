/// \file
/// Replacements for <cctype> functions that ignore the locale.
#pragma once

namespace sdconnect::detail {

constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace sdconnect::detail
