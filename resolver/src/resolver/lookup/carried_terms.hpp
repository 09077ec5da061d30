/// \file
/// How long additional records may serve in place of an answer.
#pragma once

#include "sdconnect/dns/records.hpp"
#include "sdconnect/net/boot_clock.hpp"

#include <cstddef>
#include <functional>
#include <unordered_map>

namespace sdconnect::detail {

/// From the first time that additional records serve, for the TTL that they came with. After that
/// the name itself is asked, even if later answers bring the records again: otherwise a record that
/// comes along with every refresh of another one would renew itself for ever, whatever its own name
/// says (FAULTS O9). All walks of a resolver share these times.
class carried_terms {
 public:
  using time_point = boot_clock::time_point;

  /// Returns the end for the records that answer `q`. `good_until`: the end by their own TTL.
  [[nodiscard]] time_point end_of(const question& q, time_point good_until) {
    const std::size_t key = std::hash<question>()(q);  // secret, so nobody can prepare equal ones
    if (const auto known = ends_.find(key); known != ends_.end()) return known->second;
    if (ends_.size() >= most_kept) ends_.erase(ends_.begin());
    ends_.emplace(key, good_until);
    return good_until;
  }
  /// For another network or other name servers.
  void clear() { ends_.clear(); }

 private:
  // Twice the addresses of the largest service. A time that is forgotten begins again.
  static constexpr std::size_t most_kept = 40'000;

  std::unordered_map<std::size_t, time_point> ends_;
};

}  // namespace sdconnect::detail
