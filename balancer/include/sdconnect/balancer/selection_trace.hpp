/// \file
/// One choice of an endpoint with every step that led to it, to explain the choice.
#pragma once

#include "sdconnect/balancer/health_group.hpp"
#include "sdconnect/balancer/policy.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/net/random.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sdconnect {

/// Whether an endpoint could be chosen, and if not, why.
enum class endpoint_verdict : std::uint8_t {
  candidate,   ///< in the tier that serves
  other_tier,  ///< usable, but of another priority
  no_target,   ///< target ".": declared unavailable (RFC 2782 "Target")
  no_port,     ///< port 0 (RFC 6763 §8)
  unresolved,  ///< the lookup of its target failed
  down,        ///< excluded by its health
};

/// "candidate", "other tier", ... with spaces instead of underscores.
[[nodiscard]] std::string_view to_string(endpoint_verdict verdict) noexcept;

/// Input of a choice, besides the endpoints.
struct selection_input {
  std::span<const endpoint_health> health;   ///< of each endpoint; empty: all are up
  std::span<const std::uint64_t> in_flight;  ///< of each endpoint; empty: unknown, and least-loaded works as weighted
  std::optional<std::uint64_t> key;          ///< unset: hash works as weighted
};

/// An endpoint that could be chosen.
struct traced_candidate {
  std::uint32_t index = 0;        ///< in the set
  std::uint64_t running_sum = 0;  ///< of the weights up to this one; 0 where no sum is drawn
  double score = 0;               ///< policy hash: the endpoint's number for the key, the lowest wins; otherwise 0
  std::uint64_t in_flight = 0;    ///< from selection_input
};

/// A uniform integer between two limits, inclusive.
struct drawn_number {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::uint64_t number = 0;
};

/// One step of the procedure.
struct traced_draw {
  /// The first candidate whose running sum is at least this number is selected. Unset: there was
  /// nothing to draw.
  std::optional<drawn_number> sum;
  /// Which candidate is in front, counted from 1, where `sum` leaves that open: one of the zero
  /// weights, or of all candidates if there is no zero weight (RFC 2782 "Weight" allows any order).
  std::optional<drawn_number> front;
  /// For a warming candidate: if this number is below its weight_share, the candidate stays
  /// selected; otherwise everything is drawn again.
  std::optional<drawn_number> warming;
  std::uint32_t selected = 0;  ///< an index into the set
  bool is_kept = true;
};

/// A choice and how it was made.
struct selection_trace {
  selection_policy policy{};
  std::vector<endpoint_verdict> verdicts;  ///< of each endpoint of the set
  std::optional<std::uint16_t> priority;   ///< of the tier that serves: the lowest with a usable endpoint
  bool is_panic = false;                   ///< every endpoint that can be tried is down, so health was ignored
  /// In the order of the last draw's shuffle, zero weights first; with a key, by score; for policy
  /// ordered, in its order.
  std::vector<traced_candidate> candidates;
  std::uint64_t sum = 0;           ///< sum of the candidates' weights
  std::vector<traced_draw> draws;  ///< empty with a key, and for policy ordered
  /// Least-loaded with known loads: the two drawn. The first one is chosen if they are equally
  /// loaded.
  std::vector<std::uint32_t> compared;
  std::optional<std::uint64_t> key;     ///< of policy hash
  std::optional<std::uint32_t> chosen;  ///< an index into the set; unset: nothing to choose
};

/// Makes one choice, among tiers by the rule of tier_spill::all_dead. The probability of each
/// endpoint is that of first_choice_shares times its weight_share, divided by the sum of these
/// products; least-loaded with known loads takes the less loaded of two such draws. The choice
/// depends on the set, not on the order of the input. The probabilities are those of picker,
/// selection_order and, while nothing is on trial, balancer (here an endpoint on trial counts as
/// usable, since its holder is not known). Without `input`, an equal engine leads to the endpoint
/// that selection_order puts in front; picker may differ. REQUIRES: spans that are empty or as long
/// as `endpoints`. O(n log n).
[[nodiscard]] selection_trace trace_selection(std::span<const endpoint> endpoints, selection_policy policy,
                                              random_engine& random, const selection_input& input = {});

}  // namespace sdconnect
