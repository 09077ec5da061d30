/// \file
/// The SRV record sets of one walk: equal ones once, and no more records than a service may have.
#pragma once

#include "sdconnect/dns/records.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// Without duplicates (RFC 2181 §5, FAULTS O12), in the order of priority, target, port, weight.
using srv_set = std::vector<srv_record>;

/// Brings records into the order of a srv_set, and removes duplicates.
void make_set(std::vector<srv_record>& records);

///  1. Keeps equal sets once, however many owners and aliases lead to them (FAULTS O7).
///  2. Keeps at most 2 * max_endpoints records: enough for max_endpoints different endpoints if
///     half of the records name an endpoint again. Beyond that it drops the last ones in the order
///     of a srv_set, so that the first tiers stay whole.
class srv_sets {
 public:
  using id = std::size_t;

  /// Returns the set's number, and whether the set is new. Later calls do not change the number.
  std::pair<id, bool> add(srv_set set);
  /// Its records are less than those added if rule 2 has dropped some.
  [[nodiscard]] const std::shared_ptr<const srv_set>& at(id number) const { return sets_[number]; }
  /// Number of records that rule 2 has dropped.
  [[nodiscard]] std::size_t dropped() const noexcept { return dropped_; }

 private:
  void cut(srv_set& set);
  void drop_last();

  std::vector<std::shared_ptr<const srv_set>> sets_;
  std::unordered_multimap<std::size_t, id> by_hash_;
  std::optional<srv_record> limit_;  // rule 2: this record and all later ones are dropped
  std::size_t count_ = 0;            // records in all sets
  std::size_t dropped_ = 0;
};

}  // namespace sdconnect::detail
