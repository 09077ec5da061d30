/// \file
/// The service that a line of the timeline asks for.
#pragma once

#include "scenarios/script.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <string>

namespace sdconnect::scenario {

/// `TIME VERB NAME [OPTIONS]`, for the verbs `resolve`, `watch` and `connect`; throws script_error.
[[nodiscard]] service_query query_from(const script_line& line);
/// `as=`; throws script_error.
[[nodiscard]] std::string label_of(const script_line& line);

}  // namespace sdconnect::scenario
