#include "balancer/policy/rendezvous.hpp"

#include "sdconnect/balancer/hash_key.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sdconnect::detail {
namespace {

/// Returns a uniform number in [0, 1), in units of 2^-53. The finalizer of splitmix64 (Stafford's
/// mix 13) is a bijection: two endpoints never have the same 64 bits for one key, nor two keys for
/// one endpoint, however similar the keys are.
double uniform_of(std::uint64_t key, std::uint64_t identity) noexcept {
  std::uint64_t bits = key ^ identity;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  bits ^= bits >> 31;
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

/// Returns an exponentially distributed number with mean 1, made from a uniform number that is
/// never above it. log1p is exact to the last digit or two also near 0, where the lowest numbers
/// and so the winners are; log(1 - u) is not.
double exponential_of(double uniform) noexcept { return std::max(uniform, -std::log1p(-uniform)); }

}  // namespace

std::uint64_t endpoint_identity(const endpoint& e) noexcept {
  std::array<char, name::max_wire_size + 2> text;
  const std::span<const std::uint8_t> wire = e.target.wire();
  const auto end = std::transform(wire.begin(), wire.end(), text.begin(), [](std::uint8_t octet) {
    // A length octet is below 64, so only letters are changed (RFC 4343).
    return static_cast<char>(octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet);
  });
  end[0] = static_cast<char>(e.port >> 8);
  end[1] = static_cast<char>(e.port & 0xff);
  return hash_of_key({text.data(), wire.size() + 2});
}

double number_of_key(std::uint64_t key, std::uint64_t identity, std::uint64_t weight) noexcept {
  const double number = exponential_of(uniform_of(key, identity));
  return weight == 0 ? number : number * (1 / static_cast<double>(weight));
}

rendezvous::rendezvous(std::span<const std::uint64_t> identities, std::span<const std::uint64_t> masses) {
  members_.reserve(masses.size());
  indexes_.reserve(masses.size());
  for (std::size_t i = 0; i < masses.size(); ++i) {
    if (masses[i] == 0) continue;
    members_.push_back({identities[i], 1 / static_cast<double>(masses[i])});
    indexes_.push_back(static_cast<std::uint32_t>(i));
  }
}

/// A uniform number is a lower bound for the exponential number made from it. So the logarithm is
/// computed only for those that may win: about log(n) of n.
std::uint32_t rendezvous::pick(std::uint64_t key) const noexcept {
  if (members_.empty()) return npos;
  double lowest = std::numeric_limits<double>::infinity();
  std::size_t winner = 0;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const double uniform = uniform_of(key, members_[i].identity);
    if (uniform * members_[i].per_weight >= lowest) [[likely]]
      continue;
    const double number = exponential_of(uniform) * members_[i].per_weight;
    if (number >= lowest) continue;
    lowest = number;
    winner = i;
  }
  return indexes_[winner];
}

void order_by_key(std::span<const candidate> candidates, std::span<const std::uint64_t> identities, std::uint64_t key,
                  std::span<std::uint32_t> order) {
  struct scored {
    bool has_no_weight;
    double number;
    std::uint32_t index;
  };
  std::vector<scored> all;
  all.reserve(candidates.size());
  for (const candidate& c : candidates) {
    all.push_back({c.weight == 0, number_of_key(key, identities[c.index], c.weight), c.index});
  }
  std::ranges::stable_sort(all, [](const scored& a, const scored& b) {
    return a.has_no_weight != b.has_no_weight ? b.has_no_weight : a.number < b.number;
  });
  std::ranges::transform(all, order.begin(), [](const scored& s) { return s.index; });
}

}  // namespace sdconnect::detail
