/// \file
/// The first part of the order of a tier that is not small: draws from a table that does not change with each of them.
#pragma once

#include "balancer/candidate.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace sdconnect::detail {

template <class Table>
struct thinning_buffers {
  std::vector<candidate> positives;  ///< what is left; behind it, while there is a table, the draw of 0
  std::vector<std::uint32_t> zeros;  ///< what is left
  std::vector<std::uint8_t> taken;
  Table table;
};

/// Removing a record from a structure of running sums costs a logarithm, and the next draw has to wait for it. Instead:
///
///  1. A table of what is left; for RFC 2782 with one unit for a draw of 0.
///  2. Draws from it. What was taken before is passed over, so that what is left keeps its exact chances: each unit of
///     it is as likely as any other, and as a draw of 0.
///  3. A draw of 0 takes any zero weight, or without one any record, with equal chance.
///  4. When no more than Table::least_eighths_left eighths of the table's weight are left, back to 1. Weights have 32
///     bits, so this happens a few dozen times at most, whatever they are.
///  5. It ends when no more than `rest` positive weights are left.
///
/// A draw does not wait for the one before, and no branch depends on it. `Table` is exact_alias_table or grouped_sums.
template <bool HasDrawOfZero, class Table>
class thinning {
 public:
  /// REQUIRES: zero weights last.
  thinning(std::span<const candidate> candidates, thinning_buffers<Table>& buffers) : buffers_(buffers) {
    const auto first_zero = std::ranges::partition_point(candidates, [](const candidate& c) { return c.weight > 0; });
    buffers.positives.assign(candidates.begin(), first_zero);
    buffers.zeros.clear();
    for (auto c = first_zero; c != candidates.end(); ++c) buffers.zeros.push_back(c->index);
  }

  /// Writes records to the front of `order` as they are drawn, and returns their number. REQUIRES: more than `rest`
  /// positive weights.
  template <class Source>
  [[nodiscard]] std::size_t draw(std::size_t rest, Source& uniform_below, std::span<std::uint32_t> order) {
    std::uint32_t* next = order.data();
    while (buffers_.positives.size() > rest) {
      begin_table();  // 1.
      next = draw_from_table(buffers_.taken.size() - rest, uniform_below, next);
      keep_what_is_left();
    }
    return static_cast<std::size_t>(next - order.data());
  }

  /// What draw() left, zero weights last. Valid until the buffers are used again.
  [[nodiscard]] std::span<const candidate> rest() {
    for (const std::uint32_t index : buffers_.zeros) buffers_.positives.push_back({index, 0});
    buffers_.zeros.clear();
    return buffers_.positives;
  }

 private:
  void begin_table() {
    buffers_.taken.assign(buffers_.positives.size(), 0);
    if constexpr (HasDrawOfZero) buffers_.positives.push_back({0, 1});
    buffers_.table.fill(buffers_.positives);
  }

  template <class Source>
  std::uint32_t* draw_from_table(std::size_t most, Source& uniform_below, std::uint32_t* next) {
    const Table& table = buffers_.table;
    const candidate* records = buffers_.positives.data();
    std::uint8_t* taken = buffers_.taken.data();
    const std::size_t zero = buffers_.taken.size();
    const std::uint64_t enough = table.units() / 8 * Table::least_eighths_left;
    std::uint64_t left = table.units() - (HasDrawOfZero ? 1 : 0);
    for (std::size_t count = 0; count < most && left > enough;) {
      std::size_t drawn = table.draw(uniform_below);      // 2.
      if (HasDrawOfZero && drawn == zero) [[unlikely]] {  // 3.
        if (!buffers_.zeros.empty()) {
          *next++ = take_zero(uniform_below(buffers_.zeros.size()));
          continue;
        }
        do drawn = uniform_below(zero);
        while (taken[drawn] != 0);
      }
      const std::uint64_t is_new = 1U - taken[drawn];
      taken[drawn] = 1;
      *next = records[drawn].index;
      next += is_new;
      count += is_new;
      left -= records[drawn].weight & (0 - is_new);
    }
    return next;
  }

  std::uint32_t take_zero(std::uint64_t n) {
    const std::uint32_t index = std::exchange(buffers_.zeros[n], buffers_.zeros.back());
    buffers_.zeros.pop_back();
    return index;
  }

  void keep_what_is_left() {
    std::vector<candidate>& positives = buffers_.positives;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < buffers_.taken.size(); ++i) {
      positives[kept] = positives[i];
      kept += 1U - buffers_.taken[i];
    }
    positives.resize(kept);
  }

  thinning_buffers<Table>& buffers_;
};

}  // namespace sdconnect::detail
