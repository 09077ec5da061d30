#include "sdconnect/net/random.hpp"

#include "net/base/entropy.hpp"

namespace sdconnect {

using namespace detail;
namespace {

/// splitmix64 (Steele, Lea, Flood), which the authors of xoshiro recommend for filling its state.
std::uint64_t next_splitmix64(std::uint64_t& state) noexcept {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t value = state;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

random_engine::random_engine(std::uint64_t seed) noexcept {
  for (std::uint64_t& word : state_) word = next_splitmix64(seed);
}

random_engine random_engine::from_os_entropy() { return random_engine(entropy64()); }

}  // namespace sdconnect
