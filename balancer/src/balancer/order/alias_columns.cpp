#include "balancer/order/alias_columns.hpp"

#include "balancer/order/fill_columns.hpp"

#include <algorithm>
#include <limits>

namespace sdconnect::detail {
namespace {

/// Converts a mass to units of 2^-32: between 1 and 2^32 - 1 for any mass above 0, so that no
/// endpoint loses its whole chance.
template <class Mass>
std::uint32_t threshold_of(Mass mass, double units_per_mass) noexcept {
  const auto units = static_cast<std::int64_t>(static_cast<double>(mass) * units_per_mass);
  return static_cast<std::uint32_t>(units + (mass > 0 ? 1 : 0));
}

/// Not inlined: two instances in one function have too few registers.
template <class Mass>
[[gnu::noinline]] void make_columns(std::span<const std::uint64_t> parts, Mass whole,
                                    std::vector<std::uint32_t>& buffer, std::span<alias_column> columns) {
  constexpr double highest = std::numeric_limits<std::uint32_t>::max();
  const double units_per_mass = (highest - 1) / static_cast<double>(whole);
  const std::size_t count = parts.size();
  const auto mass_of = [=](std::size_t column) { return static_cast<Mass>(parts[column]) * static_cast<Mass>(count); };
  fill_columns(count, whole, buffer, mass_of, [=](std::size_t column, Mass own, std::uint32_t alias) {
    columns[column] = {threshold_of(own, units_per_mass), alias};
  });
}

}  // namespace

void make_alias_columns(std::span<const std::uint64_t> parts, uint128 whole, std::vector<std::uint32_t>& buffer,
                        std::span<alias_column> columns) {
  constexpr std::uint64_t limit = std::numeric_limits<std::int64_t>::max();  // signed integers convert to double faster
  const std::uint64_t count = parts.size();
  if (whole <= limit / count || (whole <= limit && *std::ranges::max_element(parts) <= limit / count)) {
    make_columns(parts, static_cast<std::int64_t>(whole), buffer, columns);
  } else {
    make_columns(parts, whole, buffer, columns);
  }
}

}  // namespace sdconnect::detail
