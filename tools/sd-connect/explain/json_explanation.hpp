/// \file
/// --explain as JSON, schema 1.
#pragma once

#include "sd-connect/explain/explain.hpp"

#include <string>

namespace sdconnect::cli {

/// One object and a newline.
[[nodiscard]] std::string explanation_json(const explanation& story);

}  // namespace sdconnect::cli
