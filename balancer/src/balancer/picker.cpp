#include "sdconnect/balancer/picker.hpp"

#include "balancer/first_choice.hpp"

#include <algorithm>

namespace sdconnect {
namespace {

constexpr std::uint32_t highest_threshold = std::numeric_limits<std::uint32_t>::max();

/// mass / capacity in units of 2^-32, rounded; neither 0 nor the whole, so that no endpoint loses all its chance.
template <class Mass>
std::uint32_t threshold_of(Mass mass, double units_per_mass) noexcept {
  if (mass == 0) return 0;
  const double rounded = static_cast<double>(mass) * units_per_mass + 0.5;
  return static_cast<std::uint32_t>(std::clamp(rounded, 1.0, static_cast<double>(highest_threshold)));
}

}  // namespace

/// Vose's method in integers: each column of the same capacity is filled up with the mass of one that has too much.
/// All sums are exact, so that exactly full columns remain at the end; only the thresholds are rounded.
template <class Mass>
void picker::fill_columns(std::span<Mass> masses, Mass capacity) {
  const double units_per_mass = 0x1p32 / static_cast<double>(capacity);
  const auto count = static_cast<std::uint32_t>(masses.size());
  columns_.resize(count);

  // One buffer, two stacks: columns with room left grow from the front, the others from the back.
  std::vector<std::uint32_t> waiting(count);
  std::size_t with_room = 0;
  std::size_t without_room = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (masses[i] < capacity) {
      waiting[with_room++] = i;
    } else {
      waiting[--without_room] = i;
    }
  }

  while (with_room > 0) {
    const std::uint32_t small = waiting[--with_room];
    const std::uint32_t large = waiting[without_room];
    columns_[small] = {threshold_of(masses[small], units_per_mass), large};
    masses[large] -= capacity - masses[small];
    if (masses[large] < capacity) {
      ++without_room;
      waiting[with_room++] = large;
    }
  }
  for (; without_room < count; ++without_room) {
    const std::uint32_t full = waiting[without_room];
    columns_[full] = {highest_threshold, full};
  }
}

picker::picker(std::span<const endpoint> endpoints, selection_policy policy) {
  detail::exact_shares shares = detail::first_choice_parts(endpoints, policy);
  if (shares.parts.empty()) return;

  // A column for every endpoint, also for those that have no share: its index is then that of the endpoint.
  const std::uint64_t count = shares.parts.size();
  const std::uint64_t largest = *std::max_element(shares.parts.begin(), shares.parts.end());
  constexpr std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  if (largest <= limit / count && shares.whole <= limit) {
    for (std::uint64_t& part : shares.parts) part *= count;
    fill_columns<std::uint64_t>(shares.parts, static_cast<std::uint64_t>(shares.whole));
    return;
  }
  std::vector<detail::uint128> masses(shares.parts.begin(), shares.parts.end());
  for (detail::uint128& mass : masses) mass *= count;
  fill_columns<detail::uint128>(masses, shares.whole);
}

}  // namespace sdconnect
