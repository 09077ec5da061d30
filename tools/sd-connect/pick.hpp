/// \file
/// Choosing and counting, apart from running the command.
#pragma once

#include "listing.hpp"
#include "options.hpp"
#include "sdconnect/balancer/random.hpp"

#include <string>
#include <vector>

namespace sdconnect::cli {

/// Chooses `picks` times. Endpoints without an address are listed and never chosen. REQUIRES: one with an address.
[[nodiscard]] pick_tally choose(const std::vector<endpoint>& endpoints, selection_policy policy, std::uint64_t picks,
                                random_engine& random);

/// One choice is "host:port"; several are a table with counts. REQUIRES: picks > 0.
[[nodiscard]] std::string tally_listing(output_format format, const pick_tally& tally, bool colored);

}  // namespace sdconnect::cli
