/// \file
/// The data of a balancer that a thread keeps, so that a pick accesses nothing that other threads
/// write.
#pragma once

#include "sdconnect/balancer/alias_table.hpp"
#include "sdconnect/net/random.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sdconnect {

struct balanced_endpoint;

namespace detail {

/// One cache line. Trivial, so that accessing it needs no initialization guard; a slot_keeper
/// beside it keeps alive what it points to.
struct alignas(64) pick_slot {
  std::uint64_t version = 0;  ///< of the table, if a draw from it is all that a pick needs; otherwise 0
  const alias_column* columns = nullptr;
  std::uint64_t count = 0;
  const balanced_endpoint* first = nullptr;  ///< endpoint of the first column
  random_engine random = random_engine::from_state({1, 0, 0, 0});
};

/// Direct-mapped by balancer. If a program has more balancers than slots and a thread alternates
/// between two that share a slot, its picks are slower.
inline constexpr std::size_t pick_slot_count = 8;

extern thread_local constinit std::array<pick_slot, pick_slot_count> pick_slots;

}  // namespace detail
}  // namespace sdconnect
