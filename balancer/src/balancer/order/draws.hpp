/// \file
/// The order of a tier by RFC 2782 "Weight": one exact method for the policies `rfc2782` and
/// `weighted`.
#pragma once

#include "balancer/order/candidate.hpp"
#include "sdconnect/balancer/selection_trace.hpp"
#include "sdconnect/net/random.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Weights that can be found by their running sum and taken out. A weight that was taken out is 0:
/// no running sum ends on it, and the others keep their places. Groups of weights have their own
/// sums, so that a search skips whole groups and then walks along the weights of one: 2 sqrt(n)
/// steps. Sums have 64 bits: enough for 2^32 weights of 32 bits.
class running_sums {
 public:
  /// Replaces the content and reuses the memory. Calls `weight_of` with 0 to count - 1, which must
  /// not return 0.
  template <class WeightOf>
  void fill(std::size_t count, WeightOf weight_of) {
    group_size_ = least_group;
    while (group_size_ * group_size_ < count) group_size_ *= 2;
    weights_.resize(count);
    groups_.clear();
    sum_ = 0;
    left_ = count;
    for (std::size_t first = 0; first < count; first += group_size_) {
      std::uint64_t group = 0;
      for (std::size_t place = first; place < std::min(first + group_size_, count); ++place) {
        weights_[place] = weight_of(place);
        group += weights_[place];
      }
      groups_.push_back(group);
      sum_ += group;
    }
  }

  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }
  [[nodiscard]] std::size_t left() const noexcept { return left_; }

  /// Takes out the first weight whose running sum is >= `number`. Returns its place. REQUIRES: 0 <
  /// number <= sum().
  std::size_t take_at(std::uint64_t number) noexcept {
    std::size_t group = 0;
    while (number > groups_[group]) number -= groups_[group++];
    std::size_t place = group * group_size_;
    while (number > weights_[place]) number -= weights_[place++];
    return take(place, group);
  }

  /// Takes out the nth of the weights that are left. Returns its place. O(n). REQUIRES: n < left().
  std::size_t take_nth(std::uint64_t n) noexcept {
    std::size_t place = 0;
    while (weights_[place] == 0 || n-- > 0) ++place;
    return take(place, place / group_size_);
  }

 private:
  static constexpr std::size_t least_group = 16;  // below this, a second level costs more than it saves

  std::size_t take(std::size_t place, std::size_t group) noexcept {
    sum_ -= weights_[place];
    groups_[group] -= weights_[place];
    weights_[place] = 0;
    --left_;
    return place;
  }

  std::vector<std::uint32_t> weights_;
  std::vector<std::uint64_t> groups_;
  std::size_t group_size_ = least_group;
  std::uint64_t sum_ = 0;
  std::size_t left_ = 0;
};

/// The rest of a tier while its order is drawn, always in the order of the candidates.
class order_pool {
 public:
  /// Replaces the content; keeps a reference to the candidates. REQUIRES: zero weights last.
  void fill(std::span<const candidate> candidates) {
    candidates_ = candidates;
    const auto first_zero = std::ranges::partition_point(candidates, [](const candidate& c) { return c.weight > 0; });
    positive_count_ = static_cast<std::size_t>(first_zero - candidates.begin());
    positives_.fill(positive_count_, [&](std::size_t place) { return candidates[place].weight; });
    zeros_.fill(candidates.size() - positive_count_, [](std::size_t) { return std::uint32_t{1}; });
  }

  [[nodiscard]] std::size_t left() const noexcept { return positives_.left() + zeros_.left(); }
  /// Sum of the weights that are left.
  [[nodiscard]] std::uint64_t sum() const noexcept { return positives_.sum(); }
  /// Number of candidates that may be in front of the shuffle: the zero weights, or all if there is
  /// none.
  [[nodiscard]] std::size_t front_count() const noexcept {
    return zeros_.left() > 0 ? zeros_.left() : positives_.left();
  }

  /// Takes the first candidate whose running sum is >= `number`. Returns its index. REQUIRES: 0 <
  /// number <= sum().
  std::uint32_t take_at(std::uint64_t number) noexcept { return candidates_[positives_.take_at(number)].index; }

  /// Takes the nth of the candidates that may be in front. Returns its index. REQUIRES: n <
  /// front_count().
  std::uint32_t take_front(std::uint64_t n) noexcept {
    if (zeros_.left() == 0) return candidates_[positives_.take_nth(n)].index;
    return candidates_[positive_count_ + zeros_.take_at(n + 1)].index;
  }

 private:
  std::span<const candidate> candidates_;
  std::size_t positive_count_ = 0;  // of the candidates, taken or not
  running_sums positives_;
  running_sums zeros_;  // each counts 1
};

/// RFC 2782 "Weight":
///   1. Arrange the records in any order, except that those with weight 0 come first.
///   2. Compute the running sums. Draw a uniform integer from 0 to the sum of the weights, both
///      included.
///   3. Select the first record whose running sum is greater than or equal to it.
///
/// The shuffle only decides which record gets a draw of 0: the one in front. So this function draws
/// the front only after a draw of 0, and shuffles nothing else: the front is one of the zero
/// weights, or any record if there is none, with equal probability. All other draws fall on the
/// positive weights in proportion.
///
/// `least` is 0 for policy `rfc2782`. Policy `weighted` draws from 1: in proportion, zero weights
/// last in any order. `uniform_below(n)` returns a uniform integer from 0 to n - 1. REQUIRES:
/// `pool` is not empty.
template <class Source>
traced_draw take_one(order_pool& pool, std::uint64_t least, Source& uniform_below) {
  traced_draw told;
  if (pool.sum() > 0) {
    const std::uint64_t number = least + uniform_below(pool.sum() - least + 1);  // 2.
    told.sum = {least, pool.sum(), number};
    if (number > 0) {
      told.selected = pool.take_at(number);  // 3.
      return told;
    }
  }
  const std::uint64_t count = pool.front_count();
  const std::uint64_t place = uniform_below(count);  // 1.
  told.front = {1, count, 1 + place};
  told.selected = pool.take_front(place);
  return told;
}

/// Draws the first order.size() places of the order. RFC 2782: "continue the process until there
/// are no unordered SRV RRs". The last candidate left needs no draw. Calls `tell` with each step as
/// a traced_draw. REQUIRES: zero weights last; at most as many places in `order` as candidates. O(n
/// sqrt(n)).
template <class Source, class Tell>
void draw_steps(std::span<const candidate> candidates, std::uint64_t least, order_pool& pool, Source& uniform_below,
                std::span<std::uint32_t> order, Tell tell) {
  pool.fill(candidates);
  for (std::uint32_t& next : order) {
    const traced_draw told =
        pool.left() > 1 ? take_one(pool, least, uniform_below) : traced_draw{.selected = pool.take_front(0)};
    next = told.selected;
    tell(told);
  }
}

/// Same, with random numbers from a generator. Appends each step to `steps` unless it is null.
/// Flattened, so that the compiler does not store the parts of a step that are not read: two thirds
/// of the time.
[[gnu::flatten]] inline void draw_order(std::span<const candidate> candidates, std::uint64_t least, order_pool& pool,
                                        random_engine& random, std::span<std::uint32_t> order,
                                        std::vector<traced_draw>* steps) {
  random_engine local = random;  // stays in registers
  const auto source = [&local](std::uint64_t n) { return uniform_below(local, n); };
  if (steps != nullptr) {
    draw_steps(candidates, least, pool, source, order, [steps](const traced_draw& told) { steps->push_back(told); });
  } else {
    draw_steps(candidates, least, pool, source, order, [](const traced_draw&) {});
  }
  random = local;
}

}  // namespace sdconnect::detail
