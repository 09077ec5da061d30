/// \file
/// What a thread keeps of a balancer, so that a pick touches nothing that others write.
#pragma once

#include "sdconnect/balancer/alias_table.hpp"
#include "sdconnect/net/random.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sdconnect {

struct balanced_endpoint;

namespace detail {

/// One line of the cache. Trivial, so that reaching it needs no guard; what it points to is kept
/// alive beside it.
struct alignas(64) pick_slot {
  std::uint64_t version = 0;  ///< of the table, when a draw from it is all that a pick needs; otherwise 0
  const alias_column* columns = nullptr;
  std::uint64_t count = 0;
  const balanced_endpoint* first = nullptr;  ///< of the columns
  random_engine random = random_engine::from_state({1, 0, 0, 0});
};

/// Direct-mapped by balancer. A program with more balancers than slots pays where two of them take
/// turns in a thread.
inline constexpr std::size_t pick_slot_count = 8;

extern thread_local constinit std::array<pick_slot, pick_slot_count> pick_slots;

}  // namespace detail
}  // namespace sdconnect
