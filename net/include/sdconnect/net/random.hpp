/// \file
/// Fast, reproducible random numbers for choosing endpoints. An observer can predict them from
/// earlier outputs, so never use them for query IDs, ports or secrets: those come from
/// net/base/entropy.hpp.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>

namespace sdconnect {

namespace detail {
__extension__ typedef unsigned __int128 uint128;
}  // namespace detail

/// xoshiro256++ 1.0 (Blackman and Vigna): 64 bits per call in about a nanosecond, period 2^256 - 1.
/// Meets std::uniform_random_bit_generator. Equal engines give equal sequences on every machine.
/// Not thread safe: use one engine per thread. After fork() the child continues the sequence of its
/// parent: seed a new engine in the child.
class random_engine {
 public:
  using result_type = std::uint64_t;

  /// Reproducible. splitmix64 expands the seed, so neighbouring seeds give unrelated sequences.
  explicit random_engine(std::uint64_t seed) noexcept;

  /// Returns an engine with a different seed in each process and each call. Errors:
  /// std::system_error as in fill_with_entropy.
  [[nodiscard]] static random_engine from_os_entropy();

  /// REQUIRES: not all words are zero.
  [[nodiscard]] static constexpr random_engine from_state(const std::array<std::uint64_t, 4>& state) noexcept {
    return random_engine(state);
  }

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return std::numeric_limits<result_type>::max(); }

  result_type operator()() noexcept {
    const std::uint64_t value = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return value;
  }

  friend bool operator==(const random_engine&, const random_engine&) = default;

 private:
  constexpr explicit random_engine(const std::array<std::uint64_t, 4>& state) noexcept : state_(state) {}

  std::array<std::uint64_t, 4> state_;
};

/// Returns a number that is exactly uniform in 0 .. n - 1 (Lemire's multiplication; it divides only
/// in the rare case that it may have to reject a value). `Generator` returns uniform 64-bit values.
/// REQUIRES: n > 0.
template <class Generator>
[[nodiscard]] std::uint64_t uniform_below(Generator& random, std::uint64_t n) {
  static_assert(Generator::min() == 0 && Generator::max() == std::numeric_limits<std::uint64_t>::max());
  detail::uint128 product = detail::uint128{random()} * n;
  if (static_cast<std::uint64_t>(product) < n) [[unlikely]] {
    const std::uint64_t rejected = (0 - n) % n;  // 2^64 mod n: so many of the 2^64 values would favour some results
    while (static_cast<std::uint64_t>(product) < rejected) product = detail::uint128{random()} * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

}  // namespace sdconnect
