#include "sdconnect/balancer/outcome.hpp"

namespace sdconnect {

std::string_view to_string(outcome_kind kind) noexcept {
  switch (kind) {
    case outcome_kind::connected: return "connected";
    case outcome_kind::refused: return "refused";
    case outcome_kind::unreachable: return "unreachable";
    case outcome_kind::timed_out: return "timed out";
    case outcome_kind::overtaken: return "overtaken";
    case outcome_kind::reset: return "reset";
    case outcome_kind::closed_silently: return "closed silently";
    case outcome_kind::handshake_failed: return "handshake failed";
    case outcome_kind::abandoned: return "abandoned";
    case outcome_kind::local_failure: return "local failure";
  }
  return "unknown";
}

}  // namespace sdconnect
