/// \file
/// The part of a thread's slots that a pick does not touch: what keeps a snapshot alive, and when
/// to refresh.
#pragma once

#include "balancer/snapshot/snapshot.hpp"

#include <cstdint>
#include <memory>

namespace sdconnect::detail {

struct slot_keeper {
  std::uint64_t owner = 0;  ///< the balancer's id; 0: nobody's, or that of the process before fork()
  std::shared_ptr<const snapshot> kept;
};

/// The keeper beside pick_slots[index] of this thread.
[[nodiscard]] slot_keeper& keeper_of(std::uint32_t index) noexcept;

/// Numbers that no other call in this process gets, from 1: of balancers and of versions.
[[nodiscard]] std::uint64_t unique_number() noexcept;

}  // namespace sdconnect::detail
