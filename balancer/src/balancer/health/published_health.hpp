/// \file
/// The part of an endpoint's health that choosing needs.
#pragma once

#include "sdconnect/balancer/health_group.hpp"

#include <cstdint>

namespace sdconnect::detail {

/// Trivial, so that the health of all endpoints is copied as one block of memory.
struct published_health {
  std::uint16_t share;  ///< thousandths of its weight
  health_state state;

  friend bool operator==(const published_health&, const published_health&) = default;
};

/// Number of candidates of a tier in each state.
struct tier_counts {
  std::uint32_t serving = 0;  ///< up or warming
  std::uint32_t warming = 0;
  std::uint32_t trial = 0;
  std::uint32_t down = 0;

  void add(health_state state) noexcept { count(state, 1); }
  void remove(health_state state) noexcept { count(state, ~std::uint32_t{0}); }

  [[nodiscard]] std::uint32_t all() const noexcept { return serving + trial + down; }

 private:
  void count(health_state state, std::uint32_t change) noexcept {
    switch (state) {
      case health_state::up: serving += change; return;
      case health_state::warming:
        serving += change;
        warming += change;
        return;
      case health_state::trial: trial += change; return;
      case health_state::down: down += change; return;
    }
  }
};

}  // namespace sdconnect::detail
