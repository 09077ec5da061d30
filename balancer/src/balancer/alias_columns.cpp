#include "balancer/alias_columns.hpp"

#include <algorithm>
#include <limits>

namespace sdconnect::detail {
namespace {

constexpr std::uint32_t highest_threshold = std::numeric_limits<std::uint32_t>::max();

/// mass / capacity in units of 2^-32, rounded; neither 0 nor the whole, so that no endpoint loses all its chance.
template <class Mass>
std::uint32_t threshold_of(Mass mass, double units_per_mass) noexcept {
  if (mass == 0) return 0;
  const double rounded = static_cast<double>(mass) * units_per_mass + 0.5;
  return static_cast<std::uint32_t>(std::clamp(rounded, 1.0, static_cast<double>(highest_threshold)));
}

/// Vose's method in integers: each column of the same capacity is filled up with the mass of one that has too much.
/// All sums are exact, so that exactly full columns remain at the end; only the thresholds are rounded.
template <class Mass>
void fill(std::span<Mass> masses, Mass capacity, std::vector<std::uint32_t>& waiting, std::span<alias_column> columns) {
  const double units_per_mass = 0x1p32 / static_cast<double>(capacity);
  const auto count = static_cast<std::uint32_t>(masses.size());

  // One buffer, two stacks: columns with room left grow from the front, the others from the back. Each is written to
  // both, since which it is nobody can predict.
  if (waiting.size() < count) waiting.resize(count);
  std::size_t with_room = 0;
  std::size_t without_room = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t has_room = masses[i] < capacity ? 1 : 0;
    waiting[with_room] = i;
    waiting[without_room - 1] = i;
    with_room += has_room;
    without_room -= 1 - has_room;
  }

  while (with_room > 0) {
    const std::uint32_t small = waiting[--with_room];
    const std::uint32_t large = waiting[without_room];
    columns[small] = {threshold_of(masses[small], units_per_mass), large};
    masses[large] -= capacity - masses[small];
    if (masses[large] < capacity) {
      ++without_room;
      waiting[with_room++] = large;
    }
  }
  for (; without_room < count; ++without_room) {
    const std::uint32_t full = waiting[without_room];
    columns[full] = {highest_threshold, full};
  }
}

}  // namespace

void fill_columns(std::span<std::uint64_t> parts, uint128 whole, alias_buffers& buffers,
                  std::span<alias_column> columns) {
  const std::uint64_t count = parts.size();
  const std::uint64_t largest = *std::max_element(parts.begin(), parts.end());
  constexpr std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  if (largest <= limit / count && whole <= limit) {
    for (std::uint64_t& part : parts) part *= count;
    fill<std::uint64_t>(parts, static_cast<std::uint64_t>(whole), buffers.waiting, columns);
    return;
  }
  buffers.wide.assign(parts.begin(), parts.end());
  for (uint128& mass : buffers.wide) mass *= count;
  fill<uint128>(buffers.wide, whole, buffers.waiting, columns);
}

}  // namespace sdconnect::detail
