/// \file
/// One choice of an endpoint with every step that led to it, for those who ask why.
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
  candidate,   ///< of the tier that serves
  other_tier,  ///< usable, of another priority
  no_target,   ///< target ".": declared unavailable (RFC 2782 "Target")
  no_port,     ///< port 0 (RFC 6763 §8)
  unresolved,  ///< the lookup of its target failed
  down,        ///< left out by its health
};

/// "candidate", "other tier", ... with spaces instead of underscores.
[[nodiscard]] std::string_view to_string(endpoint_verdict verdict) noexcept;

/// What a choice goes by, beside the endpoints.
struct selection_input {
  std::span<const endpoint_health> health;   ///< of each endpoint; empty: all are up
  std::span<const std::uint64_t> in_flight;  ///< of each endpoint; empty: unknown, and least-loaded is as weighted
  std::optional<std::uint64_t> key;          ///< without one, hash is as weighted
};

/// An endpoint that could be chosen.
struct traced_candidate {
  std::uint32_t index = 0;        ///< in the set
  std::uint64_t running_sum = 0;  ///< of the weights up to this one; where no sum is drawn: 0
  double score = 0;               ///< of its key in policy hash, the lowest wins; otherwise 0
  std::uint64_t in_flight = 0;    ///< as selection_input has it
};

/// A uniform integer between two limits, both of them included.
struct drawn_number {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::uint64_t number = 0;
};

/// One turn of the procedure.
struct traced_draw {
  /// The first candidate whose running sum is at least this is selected. Unset: there was nothing
  /// to draw.
  std::optional<drawn_number> sum;
  /// Which one stands in front, counted from 1, where `sum` leaves that open: of the zero weights,
  /// or without one of all candidates (RFC 2782 "Weight" lets them be shuffled in any order).
  std::optional<drawn_number> front;
  /// For a candidate that is warming: a number below its weight_share lets it stay selected,
  /// otherwise all is drawn again.
  std::optional<drawn_number> warming;
  std::uint32_t selected = 0;  ///< an index into the set
  bool is_kept = true;
};

/// A choice, and how it came about.
struct selection_trace {
  selection_policy policy{};
  std::vector<endpoint_verdict> verdicts;  ///< of each endpoint of the set
  std::optional<std::uint16_t> priority;   ///< of the tier that serves: the lowest with a usable endpoint
  bool is_panic = false;                   ///< every endpoint that could be tried is down, so health was ignored
  /// As the last draw shuffled them, zero weights first; with a key by score; of policy ordered in
  /// that order.
  std::vector<traced_candidate> candidates;
  std::uint64_t sum = 0;                ///< of the candidates' weights
  std::vector<traced_draw> draws;       ///< none with a key, and of policy ordered
  std::vector<std::uint32_t> compared;  ///< least-loaded with loads: the two drawn; the first one when equally loaded
  std::optional<std::uint64_t> key;     ///< of policy hash
  std::optional<std::uint32_t> chosen;  ///< an index into the set; unset: there is nothing to choose
};

/// Makes one choice, among tiers as tier_spill::all_dead says. The chance of each endpoint is that
/// of first_choice_shares times its weight_share, over their sum; least-loaded with loads takes the
/// less loaded of two such draws. It depends on the set, not on the order it was handed in. The
/// chances are those of picker, selection_order and, while nothing is on trial, balancer (here a
/// trial counts as usable: who has it is not known). Without `input`, an equal engine leads to the
/// endpoint that selection_order puts in front; picker may differ. REQUIRES: spans that are empty
/// or as long as `endpoints`. O(n log n).
[[nodiscard]] selection_trace trace_selection(std::span<const endpoint> endpoints, selection_policy policy,
                                              random_engine& random, const selection_input& input = {});

}  // namespace sdconnect
