/// \file
/// Additional records of answers, for the questions that they answer. Uses no clock.
#pragma once

#include "resolver/lookup/carried_terms.hpp"
#include "resolver/lookup/lookup.hpp"

#include <cstddef>
#include <optional>
#include <unordered_map>

namespace sdconnect::detail {

/// For one walk only: no other caller gets these records (FAULTS C17, T14).
///
///  1. Accepts only owners that the answer leads to: SRV and TXT of its PTR targets, addresses of
///     its SRV targets, and of the targets of SRV records in its additional section
///     (RFC 6763 §12.1, §12.2). Each record set answers only its own owner and type.
///  2. Records are valid within their own TTL since the answer came, or for a watcher's shortest
///     interval if that is longer; records of an answer just received are always valid. None is
///     valid beyond the term that began when the first of them served (carried_terms, FAULTS O9);
///     TXT records have no term, because they do not decide where to connect.
///  3. Records of an authenticated answer are not used: the AD bit says nothing about the
///     additional section (RFC 4035 §3.2.3), and asking keeps the whole service authenticated.
///  4. If the question itself gets no answer, any of them is used, as stale (RFC 8767).
///  5. Keeps answers of at most 4 MiB in all for this; what is only in others is asked for.
class carried_records {
 public:
  using time_point = boot_clock::time_point;

  /// `is_ahead`: asks for them again before they end, but after the time at which an answer with
  /// the same TTL is refreshed, because that answer brings them again.
  carried_records(std::chrono::milliseconds min_interval, bool is_ahead, carried_terms* terms)
      : min_interval_(min_interval), is_ahead_(is_ahead), terms_(terms) {}

  void remember(const question& asked, const lookup& from);
  void clear() { places_ = {}; }

  /// By rules 2 and 3.
  [[nodiscard]] std::optional<lookup> find(const question& q, time_point now) const;
  [[nodiscard]] bool contains(const question& q) const noexcept { return places_.contains(q); }
  /// By rule 4; `failure` is the reason.
  [[nodiscard]] std::optional<lookup> find_stale(const question& q, error_code failure) const;

 private:
  struct place {
    std::shared_ptr<const answer> in;
    std::size_t index = 0;
    time_point received;
    bool from_cache = false;
    bool stale = false;

    [[nodiscard]] const rrset& records() const noexcept { return in->additional[index]; }
    [[nodiscard]] lookup as_lookup() const;
    [[nodiscard]] time_point good_until(std::chrono::milliseconds min_interval) const noexcept;
  };

  std::chrono::milliseconds min_interval_;
  bool is_ahead_;
  carried_terms* terms_;
  std::size_t bytes_ = 0;  // rule 5
  std::unordered_map<question, place> places_;
};

}  // namespace sdconnect::detail
