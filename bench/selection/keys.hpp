/// \file
/// Consistent hashing of other projects: precomputed tables; a longer table gives more exact
/// shares.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace sdconnect::bench {

/// The finalizer of splitmix64.
inline std::uint64_t mixed(std::uint64_t bits) noexcept {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

/// A ring of points, about 100 per endpoint in proportion to its weight; a key goes to the next
/// point.
class hash_ring {
 public:
  explicit hash_ring(const std::vector<std::uint32_t>& weights) {
    double sum = 0;
    for (const std::uint32_t weight : weights) sum += weight;
    for (std::uint32_t i = 0; i < weights.size(); ++i) {
      const double points = std::max(1.0, weights[i] / sum * 100 * static_cast<double>(weights.size()));
      for (std::uint32_t point = 0; point < points; ++point) {
        points_.emplace_back(mixed(std::uint64_t{i + 1} << 32 | point), i);
      }
    }
    std::ranges::sort(points_);
  }

  [[nodiscard]] std::uint32_t pick(std::uint64_t key) const {
    const auto next = std::ranges::upper_bound(points_, std::pair{mixed(key), 0U});
    return (next == points_.end() ? points_.front() : *next).second;
  }

 private:
  std::vector<std::pair<std::uint64_t, std::uint32_t>> points_;
};

/// Maglev (Eisenbud and others, 2016): each endpoint has its own order of a prime number of places.
/// The endpoints claim places alternately, in proportion to their weights, until all places are
/// taken.
class maglev_table {
 public:
  explicit maglev_table(const std::vector<std::uint32_t>& weights) : places_(size, nobody) {
    const double greatest = *std::max_element(weights.begin(), weights.end());
    struct walker {
      std::uint64_t at, step;
      double turns;
    };
    std::vector<walker> walkers;
    for (std::uint32_t i = 0; i < weights.size(); ++i) {
      walkers.push_back({mixed(i + 1) % size, mixed(~std::uint64_t{i}) % (size - 1) + 1, 0});
    }
    for (std::size_t taken = 0;;) {
      for (std::uint32_t i = 0; i < weights.size(); ++i) {
        walker& each = walkers[i];
        each.turns += weights[i] / greatest;
        if (each.turns < 1) continue;
        each.turns -= 1;
        while (places_[each.at] != nobody) each.at = (each.at + each.step) % size;
        places_[each.at] = i;
        if (++taken == size) return;
      }
    }
  }

  [[nodiscard]] std::uint32_t pick(std::uint64_t key) const { return places_[mixed(key) % size]; }

 private:
  static constexpr std::uint64_t size = 65537;
  static constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> places_;
};

}  // namespace sdconnect::bench
