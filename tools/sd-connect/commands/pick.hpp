/// \file
/// Choosing and counting, apart from running the command.
#pragma once

#include "program/output.hpp"
#include "sd-connect/commands/listing.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/net/random.hpp"

#include <string>
#include <vector>

namespace sdconnect::cli {

/// Chooses opts.picks times by opts.policy. The first choice gets a trace; the balancer makes the
/// others. Policy least-loaded keeps all of them in flight until the end; hash uses opts.hash_key,
/// or a new key for each choice. Endpoints without an address are listed and never chosen; if there
/// are no others, nothing is chosen.
/// REQUIRES: the stable order of merge_endpoints.
[[nodiscard]] pick_tally choose(const options& opts, const std::vector<endpoint>& endpoints, random_engine& random);

/// Formats one choice as "host:port" and several as a table with counts. REQUIRES: something was
/// chosen.
[[nodiscard]] std::string tally_listing(output_format format, const pick_tally& tally, const appearance& look);

}  // namespace sdconnect::cli
