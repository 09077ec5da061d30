/// \file
/// Storage for answers that is used again and again, for all questions of one client.
#pragma once

#include "sdconnect/dns/answer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// An answer with its additional records is a dozen pieces of heap, which cost as much as reading
/// it. Callers who only look at theirs leave the pieces behind; those who keep it cost an
/// allocation each.
class answer_pool {
 public:
  /// As answer_reader::read, into latest().
  [[nodiscard]] error_code read(std::span<const std::uint8_t> message, const question& asked) {
    if (!spare_.empty() && !has_storage(latest_)) {
      latest_ = std::move(spare_.back());
      spare_.pop_back();
    }
    return reader_.read(message, asked, latest_);
  }
  /// Of no use after an error. May be moved from.
  [[nodiscard]] answer& latest() noexcept { return latest_; }

  /// An answer that nobody needs any more. Large ones are not worth keeping.
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
