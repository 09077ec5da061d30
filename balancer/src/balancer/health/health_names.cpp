#include "sdconnect/balancer/health_group.hpp"

namespace sdconnect {

std::string_view to_string(health_state state) noexcept {
  switch (state) {
    case health_state::up: return "up";
    case health_state::warming: return "warming";
    case health_state::trial: return "trial";
    case health_state::down: return "down";
  }
  return "unknown";
}

std::string_view to_string(health_reason reason) noexcept {
  switch (reason) {
    case health_reason::none: return "none";
    case health_reason::attempt_failed: return "attempt failed";
    case health_reason::attempts_failed: return "attempts failed";
    case health_reason::outlier: return "outlier";
    case health_reason::probes_failed: return "probes failed";
  }
  return "unknown";
}

}  // namespace sdconnect
