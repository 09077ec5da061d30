/// \file
/// The part of --explain about the choice of an endpoint: its tier and the excluded endpoints, the
/// shuffle with running sums, loads or scores, the random numbers drawn, and the known health.
#pragma once

#include "sd-connect/explain/explain.hpp"

#include <string>

namespace sdconnect::cli {

/// Text for people; every line ends with a newline. REQUIRES: a decision.
[[nodiscard]] std::string decision_text(const explanation& story);

}  // namespace sdconnect::cli
