#include "sdconnect/net/tls_options.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace sdconnect {

result<key_pin> key_pin::from_text(std::string_view text) {
  constexpr std::string_view prefix = "sha256//";
  constexpr std::size_t encoded_size = 44;
  if (!text.starts_with(prefix)) return errc::bad_key_pin;
  text.remove_prefix(prefix.size());
  if (text.size() != encoded_size) return errc::bad_key_pin;

  // OpenSSL decodes 44 characters to 33 octets: it counts the padding, ignores blanks and does not
  // check spare bits (RFC 4648 §3.5). So this function encodes the result again and compares.
  std::array<unsigned char, 33> decoded{};
  if (EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(text.data()), encoded_size) != 33) {
    return errc::bad_key_pin;
  }
  key_pin out;
  std::copy_n(decoded.begin(), out.digest.size(), out.digest.begin());
  std::array<unsigned char, encoded_size + 1> encoded{};
  EVP_EncodeBlock(encoded.data(), out.digest.data(), static_cast<int>(out.digest.size()));
  if (!std::ranges::equal(text, std::string_view(reinterpret_cast<const char*>(encoded.data()), encoded_size))) {
    return errc::bad_key_pin;
  }
  return out;
}

}  // namespace sdconnect
