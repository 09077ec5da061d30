/// \file
/// The decision in --explain --json. Includes Boost.JSON: for the json_*.cpp files only.
#pragma once

#include "sd-connect/explain/explain.hpp"

#include <boost/json/value.hpp>

namespace sdconnect::cli {

/// Returns null if no decision was made.
[[nodiscard]] boost::json::value decision_of(const explanation& story);

}  // namespace sdconnect::cli
