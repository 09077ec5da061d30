/// \file
/// A helper's status as JSON, as metrics and as tables.
#pragma once

#include "helper/status/helper_status.hpp"
#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sdconnect::helper {

/// One object on one line with a newline (schema 1, docs/helper.md). Text from the network is escaped.
[[nodiscard]] std::string status_json(const helper_status& status);

/// Metrics in the text format of Prometheus. Labels are names that the configuration holds, so
/// their number does not grow with what clients ask for: all other services add up to
/// `service="other"`.
[[nodiscard]] std::string metrics_text(const helper_status& status);

/// Tables for people, from status_json() of a running helper. `width`: columns of the terminal.
/// Errors: bad_message if it is not such an object.
[[nodiscard]] result<std::string> status_table(std::string_view json, bool is_colored, std::size_t width);

}  // namespace sdconnect::helper
