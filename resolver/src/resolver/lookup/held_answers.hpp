/// \file
/// Answers that a view holds itself, because their TTL is shorter than the view's shortest
/// interval.
#pragma once

#include "resolver/lookup/lookup.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>

namespace sdconnect::detail {

/// The next walk within the shortest interval uses them again (FAULTS C1). The interval is drawn
/// anew for each answer, so that many services with short TTLs are not queried at the same moments.
///
/// NODATA without a SOA has no TTL, and is held like an answer with TTL 0. If the view knows
/// something, the first one in a row for a question proves nothing: its status becomes
/// empty_answer. The second one is a "no" (FAULTS O14).
class held_answers {
 public:
  using time_point = boot_clock::time_point;

  /// When to query a record set with a short TTL again.
  enum class pace {
    on_time,  ///< after 100–120 % of the interval: for views that a timer refreshes
    ahead,    ///< after 80–95 % of it: for views that uses refresh, and that may not use older answers
  };

  held_answers(std::chrono::milliseconds min_interval, pace how) : min_interval_(min_interval), pace_(how) {}

  /// Whether the view knows anything that such a NODATA could end.
  void set_cautious(bool has_known_data) noexcept { is_cautious_ = has_known_data; }
  /// Moves `again_at` and `expires` to the first permitted moment, and keeps an answer that the
  /// cache would drop before.
  void remember(const question& q, lookup& fresh, time_point now, std::uint32_t random);
  [[nodiscard]] const lookup* find(const question& q, time_point now) const;
  /// The longest interval that may be drawn.
  [[nodiscard]] std::chrono::milliseconds longest_interval() const noexcept;
  void clear();
  void remove_expired(time_point now);

 private:
  struct entry {
    lookup kept;
    time_point until;
    std::size_t bytes = 0;
  };

  std::chrono::milliseconds min_interval_;
  [[nodiscard]] bool note_unproven(const question& q, lookup& fresh);

  pace pace_;
  bool is_cautious_ = false;
  std::unordered_map<question, entry> held_;
  std::size_t bytes_ = 0;                         // of the held answers
  std::unordered_set<std::size_t> said_nothing_;  // hashes of questions whose latest answer was NODATA without a SOA
};

}  // namespace sdconnect::detail
