/// \file
/// The right to the only attempt at an endpoint on trial, as an atomic number. The low bits tell
/// who took it. The other bits count how often it was released, so that a former holder cannot
/// release the token of another.
#pragma once

#include <atomic>
#include <cstdint>

namespace sdconnect::detail {

/// Who took the token: a pick(), which leaves no object that could return it, or a use, which
/// returns it.
enum class token_holder : std::uint32_t { pick = 1, use = 2 };

constexpr std::uint32_t token_holder_bits = 3;

[[nodiscard]] inline bool is_token_free(const std::atomic<std::uint32_t>& token) noexcept {
  return (token.load(std::memory_order_relaxed) & token_holder_bits) == 0;
}

/// Returns the value for return_token(); 0 if another request has the token.
[[nodiscard]] inline std::uint32_t take_token(std::atomic<std::uint32_t>& token, token_holder holder) noexcept {
  std::uint32_t free = token.load(std::memory_order_relaxed);
  const std::uint32_t taken = free | static_cast<std::uint32_t>(holder);
  if ((free & token_holder_bits) != 0) return 0;
  return token.compare_exchange_strong(free, taken, std::memory_order_relaxed) ? taken : 0;
}

/// Does nothing if the token no longer belongs to that holder.
inline void return_token(std::atomic<std::uint32_t>& token, std::uint32_t taken) noexcept {
  token.compare_exchange_strong(taken, (taken | token_holder_bits) + 1, std::memory_order_relaxed);
}

/// Releases the token, whoever has it. With `picks_only`, a use keeps it.
inline void free_token(std::atomic<std::uint32_t>& token, bool picks_only) noexcept {
  const std::uint32_t now = token.load(std::memory_order_relaxed);
  const std::uint32_t holder = now & token_holder_bits;
  if (holder == 0 || (picks_only && holder != static_cast<std::uint32_t>(token_holder::pick))) return;
  return_token(token, now);
}

}  // namespace sdconnect::detail
