#include "balancer/tree_pool.hpp"

#include <utility>

namespace sdconnect::detail {

void tree_pool::fill(std::span<const candidate> candidates) {
  candidates_ = candidates;
  zeros_.clear();
  sums_.clear();
  level_begins_.clear();
  for (const candidate& c : candidates) {
    if (c.weight > 0) {
      sums_.push_back(c.weight);
    } else {
      zeros_.push_back(c.index);
    }
  }
  positive_count_ = sums_.size();

  for (std::size_t begin = 0;;) {
    level_begins_.push_back(begin);
    sums_.resize(begin + (sums_.size() - begin + fanout - 1) / fanout * fanout);
    const std::size_t end = sums_.size();
    if (end - begin <= fanout) break;
    for (std::size_t node = begin; node < end; node += fanout) {
      std::uint64_t sum = 0;
      for (std::size_t child = node; child < node + fanout; ++child) sum += sums_[child];
      sums_.push_back(sum);
    }
    begin = end;
  }

  total_ = 0;
  for (std::size_t top = level_begins_.back(); top < sums_.size(); ++top) total_ += sums_[top];
}

std::uint32_t tree_pool::take_at_running_sum(std::uint64_t sum) noexcept {
  std::size_t position = 0;
  for (std::size_t level = level_begins_.size(); level-- > 0;) {
    const std::uint64_t* node = sums_.data() + level_begins_[level] + position * fanout;
    std::size_t children_before = 0;
    std::uint64_t sum_before = 0;
    std::uint64_t running = 0;
    for (std::size_t child = 0; child < fanout; ++child) {
      std::uint64_t weight = node[child];
      asm("" : "+r"(weight));  // no vector loads here: they would wait for the narrower stores of the last removal
      running += weight;
      const std::uint64_t is_before = running < sum ? 1 : 0;
      children_before += is_before;
      sum_before += weight & (0 - is_before);
    }
    position = position * fanout + children_before;
    sum -= sum_before;
  }
  return take_leaf(position);
}

std::uint32_t tree_pool::take_positive(std::uint64_t n) noexcept {
  std::size_t position = 0;
  for (;; ++position) {
    if (sums_[position] == 0) continue;  // already taken
    if (n-- == 0) return take_leaf(position);
  }
}

std::uint32_t tree_pool::take_zero(std::uint64_t n) noexcept {
  const std::uint32_t index = std::exchange(zeros_[n], zeros_.back());
  zeros_.pop_back();
  return index;
}

std::uint32_t tree_pool::take_leaf(std::size_t position) noexcept {
  const candidate taken = candidates_[position];
  --positive_count_;
  total_ -= taken.weight;
  for (const std::size_t begin : level_begins_) {
    sums_[begin + position] -= taken.weight;
    position /= fanout;
  }
  return taken.index;
}

}  // namespace sdconnect::detail
