#include "balancer/exact_alias_table.hpp"

#include "balancer/fill_columns.hpp"

#include <limits>

namespace sdconnect::detail {

bool exact_alias_table::can_hold(std::size_t count, std::uint64_t total) noexcept {
  return total <= std::numeric_limits<std::uint64_t>::max() / count;
}

void exact_alias_table::fill(std::span<const candidate> candidates) {
  const std::size_t count = candidates.size();
  units_ = 0;
  for (const candidate& c : candidates) units_ += c.weight;
  columns_.resize(count);
  const auto mass_of = [=](std::size_t at) { return std::uint64_t{candidates[at].weight} * count; };
  fill_columns(count, units_, buffer_, mass_of, [this](std::size_t at, std::uint64_t own, std::uint32_t alias) {
    columns_[at] = {own, alias};
  });
}

}  // namespace sdconnect::detail
