#include "balancer/live/thread_slots.hpp"

#include "balancer/live/thread_row.hpp"
#include "sdconnect/balancer/pick_slot.hpp"

#include <array>
#include <atomic>
#include <limits>
#include <pthread.h>

namespace sdconnect::detail {

thread_local constinit std::array<pick_slot, pick_slot_count> pick_slots{};

namespace {

thread_local std::array<slot_keeper, pick_slot_count> keepers;

/// Runs in the child after fork(): otherwise the child's only thread would continue its parent's
/// random sequences, as would each sibling process. The next refresh seeds them anew. Frees
/// nothing, because little is allowed between fork() and exec().
void forget_owners() noexcept {
  for (pick_slot& slot : pick_slots) slot.version = 0;
  for (slot_keeper& keeper : keepers) keeper.owner = 0;
}

}  // namespace

slot_keeper& keeper_of(std::uint32_t index) noexcept {
  static const int registered = pthread_atfork(nullptr, nullptr, forget_owners);
  static_cast<void>(registered);  // fails only without memory, and then nothing else works either
  return keepers[index];
}

std::uint64_t unique_number() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::uint32_t thread_row() noexcept {
  constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static std::atomic<std::uint32_t> next{0};
  thread_local constinit std::uint32_t own = none;
  if (own == none) own = next.fetch_add(1, std::memory_order_relaxed) & (none >> 1);
  return own;
}

}  // namespace sdconnect::detail
