/// \file
/// Reusable storage for answers, for all questions of one client.
#pragma once

#include "sdconnect/dns/answer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// An answer with its additional records is about a dozen heap blocks, and allocating them costs as
/// much as reading it. Callers that only look at their answer leave the blocks for reuse; callers
/// that keep it cost an allocation per block.
class answer_pool {
 public:
  /// As answer_reader::read, into latest().
  [[nodiscard]] error_code read(std::span<const std::uint8_t> message, const question& asked,
                                const answer_scope& scope) {
    if (!spare_.empty() && !has_storage(latest_)) {
      latest_ = std::move(spare_.back());
      spare_.pop_back();
    }
    return reader_.read(message, asked, latest_, scope);
  }
  /// Means nothing after an error. The caller may move from it.
  [[nodiscard]] answer& latest() noexcept { return latest_; }

  /// Takes an answer that is no longer needed. Does not keep large ones.
  void give_back(answer&& used) {
    const auto capacity = [](const auto& records) { return records.capacity(); };
    if (!has_storage(used) || used.additional.capacity() > most_sets) return;
    if (std::visit(capacity, used.records) > most_records) return;
    if (!has_storage(latest_)) {
      latest_ = std::move(used);
    } else if (spare_.size() < most_spare) {
      spare_.push_back(std::move(used));
    }
  }

 private:
  [[nodiscard]] static bool has_storage(const answer& a) noexcept { return a.additional.capacity() != 0; }

  static constexpr std::size_t most_spare = 8;
  static constexpr std::size_t most_sets = 32;
  static constexpr std::size_t most_records = 64;

  answer_reader reader_;
  answer latest_;
  std::vector<answer> spare_;
};

}  // namespace sdconnect::detail
