/// \file
/// The part of a thread's slots that a pick does not access: keeps a snapshot alive and tells when
/// to refresh.
#pragma once

#include "balancer/snapshot/snapshot.hpp"

#include <cstdint>
#include <memory>

namespace sdconnect::detail {

struct slot_keeper {
  std::uint64_t owner = 0;  ///< the balancer's id; 0: not in use, or left over from before fork()
  std::shared_ptr<const snapshot> kept;
};

/// Returns this thread's keeper that belongs to pick_slots[index].
[[nodiscard]] slot_keeper& keeper_of(std::uint32_t index) noexcept;

/// Returns numbers, starting at 1, that are unique in this process; for balancers and versions.
[[nodiscard]] std::uint64_t unique_number() noexcept;

}  // namespace sdconnect::detail
