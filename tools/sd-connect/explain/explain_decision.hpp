/// \file
/// The part of --explain that tells how an endpoint was chosen: its tier and who was left out, the
/// shuffle with running sums, loads or scores, the numbers drawn, and what is known of health.
#pragma once

#include "sd-connect/explain/explain.hpp"

#include <string>

namespace sdconnect::cli {

/// For people; every line ends with a newline. REQUIRES: a decision.
[[nodiscard]] std::string decision_text(const explanation& story);

}  // namespace sdconnect::cli
