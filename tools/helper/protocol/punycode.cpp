#include "helper/protocol/punycode.hpp"

#include "net/base/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sdconnect::helper {
namespace {

// Parameters of RFC 3492 §5.
constexpr std::uint32_t base = 36, min_threshold = 1, max_threshold = 26, skew = 38, damping = 700;
constexpr std::uint32_t initial_bias = 72, initial_code = 128;
constexpr std::uint32_t last_code = 0x10ffff, first_surrogate = 0xd800, last_surrogate = 0xdfff;
// No DNS label is longer. It bounds the time, which grows with the square.
constexpr std::size_t max_size = 63;

/// RFC 3492 §6.1.
std::uint32_t adapted_bias(std::uint32_t delta, std::uint32_t count, bool is_first) noexcept {
  delta = is_first ? delta / damping : delta / 2;
  delta += delta / count;
  std::uint32_t k = 0;
  for (; delta > (base - min_threshold) * max_threshold / 2; k += base) delta /= base - min_threshold;
  return k + (base - min_threshold + 1) * delta / (delta + skew);
}

std::optional<std::uint32_t> take_digit(std::string_view& text) noexcept {
  if (text.empty()) return {};
  const char c = detail::to_lower(text.front());
  text.remove_prefix(1);
  if (detail::is_digit(c)) return static_cast<std::uint32_t>(c - '0' + 26);
  if (detail::is_letter(c)) return static_cast<std::uint32_t>(c - 'a');
  return {};
}

/// Takes one integer of variable length (RFC 3492 §3.3) below 2^32.
std::optional<std::uint32_t> take_integer(std::string_view& text, std::uint32_t bias) noexcept {
  constexpr std::uint64_t limit = std::uint64_t{1} << 32;
  std::uint64_t value = 0, weight = 1;
  for (std::uint32_t k = base;; k += base) {
    const std::optional<std::uint32_t> digit = take_digit(text);
    if (!digit) return {};
    value += *digit * weight;
    if (value >= limit) return {};
    const std::uint32_t threshold = std::clamp(k, bias + min_threshold, bias + max_threshold) - bias;
    if (*digit < threshold) return static_cast<std::uint32_t>(value);
    weight *= base - threshold;
    if (weight >= limit) return {};
  }
}

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&out](char32_t octet) { out += static_cast<char>(octet); };
  const auto put_rest = [&](unsigned shift) { put(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put_rest(6);
  } else {
    put(0xf0 | code >> 18);
    put_rest(12);
    put_rest(6);
  }
  put_rest(0);
}

}  // namespace

// The procedure of RFC 3492 §6.2.
std::optional<std::string> punycode_to_utf8(std::string_view encoded) {
  if (encoded.size() > max_size) return {};
  std::u32string codes;
  if (const std::size_t hyphen = encoded.rfind('-'); hyphen != std::string_view::npos) {
    for (const char c : encoded.substr(0, hyphen)) {
      if (static_cast<unsigned char>(c) >= initial_code) return {};
      codes += static_cast<char32_t>(c);
    }
    encoded.remove_prefix(hyphen + 1);
  }
  std::uint64_t code = initial_code, at = 0;
  std::uint32_t bias = initial_bias;
  while (!encoded.empty()) {
    const std::optional<std::uint32_t> delta = take_integer(encoded, bias);
    if (!delta) return {};
    const std::uint64_t count = codes.size() + 1;
    bias = adapted_bias(*delta, static_cast<std::uint32_t>(count), at == 0);
    at += *delta;
    code += at / count;
    at %= count;
    if (code > last_code || (code >= first_surrogate && code <= last_surrogate)) return {};
    codes.insert(at, 1, static_cast<char32_t>(code));
    ++at;
  }
  std::string out;
  for (const char32_t c : codes) append_utf8(out, c);
  return out;
}

}  // namespace sdconnect::helper
