/// \file
/// An alias table in integers, which rounds nothing.
#pragma once

#include "balancer/candidate.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// n columns (Walker; Vose), each of as many units as all weights together: so each unit of weight fills n units.
/// A uniform column and a uniform unit in it give each record exactly its share.
class exact_alias_table {
 public:
  /// Worth drawing from while so much of its weight is left: filling costs more than passing over.
  static constexpr std::uint64_t least_eighths_left = 1;

  /// Whether the products fit in 64 bits.
  [[nodiscard]] static bool can_hold(std::size_t count, std::uint64_t total) noexcept;

  /// Empty. Buffers are kept from one fill to the next.
  exact_alias_table() = default;

  /// Replaces the content. REQUIRES: candidates, all with a weight; can_hold(their number, their sum).
  void fill(std::span<const candidate> candidates);

  [[nodiscard]] std::uint64_t columns() const noexcept { return columns_.size(); }
  [[nodiscard]] std::uint64_t units() const noexcept { return units_; }  ///< of each column

  /// The place of a candidate. Half of all branches here would be mispredicted, so there is none.
  [[nodiscard]] std::uint32_t at(std::uint64_t own, std::uint64_t unit) const noexcept {
    const auto [threshold, alias] = columns_[own];
    std::uint32_t keeps_own = 0U - static_cast<std::uint32_t>(unit < threshold);
    asm("" : "+r"(keeps_own));
    return (static_cast<std::uint32_t>(own) & keeps_own) | (alias & ~keeps_own);
  }

  /// The place of a candidate: each has as many chances as its weight.
  template <class Source>
  [[nodiscard]] std::size_t draw(Source& uniform_below) const {
    const std::uint64_t own = uniform_below(columns());
    return at(own, uniform_below(units()));
  }

 private:
  struct column {
    std::uint64_t threshold;  // units below it are the column's own
    std::uint32_t alias;
  };
  std::vector<column> columns_;
  std::vector<std::uint32_t> buffer_;
  std::uint64_t units_ = 0;
};

}  // namespace sdconnect::detail
