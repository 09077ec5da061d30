/// \file
/// The only attempt of an endpoint on trial, as an atomic number: who took it in its low bits, the
/// rest counts how often it was free, so that nobody gives back what is another's by now.
#pragma once

#include <atomic>
#include <cstdint>

namespace sdconnect::detail {

/// Who took it: a pick(), which leaves nothing behind, or a use, which gives it back.
enum class permit_holder : std::uint32_t { pick = 1, use = 2 };

constexpr std::uint32_t permit_holder_bits = 3;

[[nodiscard]] inline bool is_permit_free(const std::atomic<std::uint32_t>& permit) noexcept {
  return (permit.load(std::memory_order_relaxed) & permit_holder_bits) == 0;
}

/// What to give back; 0 when another has it.
[[nodiscard]] inline std::uint32_t take_permit(std::atomic<std::uint32_t>& permit, permit_holder holder) noexcept {
  std::uint32_t free = permit.load(std::memory_order_relaxed);
  const std::uint32_t taken = free | static_cast<std::uint32_t>(holder);
  if ((free & permit_holder_bits) != 0) return 0;
  return permit.compare_exchange_strong(free, taken, std::memory_order_relaxed) ? taken : 0;
}

/// Nothing happens when it is no longer that one's.
inline void give_back_permit(std::atomic<std::uint32_t>& permit, std::uint32_t taken) noexcept {
  permit.compare_exchange_strong(taken, (taken | permit_holder_bits) + 1, std::memory_order_relaxed);
}

/// Whoever has it. `picks_only`: a use keeps it.
inline void free_permit(std::atomic<std::uint32_t>& permit, bool picks_only) noexcept {
  const std::uint32_t now = permit.load(std::memory_order_relaxed);
  const std::uint32_t holder = now & permit_holder_bits;
  if (holder == 0 || (picks_only && holder != static_cast<std::uint32_t>(permit_holder::pick))) return;
  give_back_permit(permit, now);
}

}  // namespace sdconnect::detail
