#include "balancer/exact_alias_table.hpp"

#include <limits>

namespace sdconnect::detail {

bool exact_alias_table::can_hold(std::size_t count, std::uint64_t total) noexcept {
  return total <= std::numeric_limits<std::uint64_t>::max() / count;
}

/// Vose's method: each column that is not full takes what it lacks from one that has too much. One buffer, two stacks:
/// columns with room left grow from the front, the others from the back.
void exact_alias_table::fill(std::span<const candidate> candidates) {
  const auto count = static_cast<std::uint32_t>(candidates.size());
  units_ = 0;
  for (const candidate& c : candidates) units_ += c.weight;
  columns_.resize(count);
  waiting_.resize(count);

  std::size_t with_room = 0, without_room = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    columns_[i] = {std::uint64_t{candidates[i].weight} * count, i};
    if (columns_[i].threshold < units_) {
      waiting_[with_room++] = i;
    } else {
      waiting_[--without_room] = i;
    }
  }
  while (with_room > 0) {
    column& small = columns_[waiting_[--with_room]];
    small.alias = waiting_[without_room];
    column& large = columns_[small.alias];
    large.threshold -= units_ - small.threshold;
    if (large.threshold < units_) waiting_[with_room++] = waiting_[without_room++];
  }
}

}  // namespace sdconnect::detail
