#include "sdconnect/balancer/hash_key.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace sdconnect {
namespace {

// The constants of https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
constexpr std::uint64_t prime1 = 0x9e3779b185ebca87, prime2 = 0xc2b2ae3d27d4eb4f, prime3 = 0x165667b19e3779f9,
                        prime4 = 0x85ebca77c2b2ae63, prime5 = 0x27d4eb2f165667c5;

/// Reads little-endian, whatever the byte order of this machine.
template <class Word>
std::uint64_t load(const char* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::little) return word;
  std::uint64_t reversed = 0;
  for (std::size_t i = sizeof word; i-- > 0;) reversed = reversed << 8 | static_cast<unsigned char>(at[i]);
  return reversed;
}

std::uint64_t mixed(std::uint64_t lane, std::uint64_t input) noexcept {
  return std::rotl(lane + input * prime2, 31) * prime1;
}

}  // namespace

/// The steps of the specification:
///  1. Four lanes start from the seed; a text of less than 32 octets has only one.
///  2. Blocks of 32 octets: 8 go to each lane.
///  3. The lanes are combined into one.
///  4. The length is added.
///  5. The rest of the text: by 8, by 4, by single octets.
///  6. Every bit of the input affects every bit of the result.
std::uint64_t hash_of_key(std::string_view text) noexcept {
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = prime5;  // 1.
  if (left >= 32) {
    std::array<std::uint64_t, 4> lanes{prime1 + prime2, prime2, 0, 0 - prime1};
    for (; left >= 32; left -= 32) {  // 2.
      for (std::uint64_t& lane : lanes) {
        lane = mixed(lane, load<std::uint64_t>(at));
        at += 8;
      }
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);  // 3.
    for (const std::uint64_t lane : lanes) hash = (hash ^ mixed(0, lane)) * prime1 + prime4;
  }

  hash += text.size();                     // 4.
  for (; left >= 8; left -= 8, at += 8) {  // 5.
    hash = std::rotl(hash ^ mixed(0, load<std::uint64_t>(at)), 27) * prime1 + prime4;
  }
  if (left >= 4) {
    hash = std::rotl(hash ^ load<std::uint32_t>(at) * prime1, 23) * prime2 + prime3;
    left -= 4;
    at += 4;
  }
  for (; left > 0; --left, ++at) hash = std::rotl(hash ^ load<unsigned char>(at) * prime5, 11) * prime1;

  hash = (hash ^ (hash >> 33)) * prime2;  // 6.
  hash = (hash ^ (hash >> 29)) * prime3;
  return hash ^ (hash >> 32);
}

}  // namespace sdconnect
