/// \file
/// Hashes a text (user, session, path) to the key by which policy `hash` chooses.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace sdconnect {

/// Types that can be a key themselves: any integer, taken modulo 2^64. A bool or a floating-point
/// number is probably a mistake.
template <class Key>
concept integer_key = std::integral<Key> && !std::same_as<std::remove_cv_t<Key>, bool> && sizeof(Key) <= 8;

/// Returns XXH64 with seed 0 (Collet; what `xxhsum -H64` prints): the same on every machine and in
/// every version of this library, so that clients agree on the endpoint of a key. There is no
/// secret key: an attacker who can choose the texts can choose those that lead to one endpoint.
/// Every octet counts, and letter case matters. About 5 ns for 20 octets. Thread safe.
[[nodiscard]] std::uint64_t hash_of_key(std::string_view text) noexcept;

}  // namespace sdconnect
