/// \file
/// Why a service was not found or not reached, in one line, and what to do.
#pragma once

#include "program/report.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/connect/connection.hpp"
#include "sdconnect/resolver/service.hpp"

#include <string_view>

namespace sdconnect::cli {

/// Why discovery failed: the name, who was asked and what came of it, and what to do.
[[nodiscard]] failure resolve_failure(const options& opts, error_code ec, const service& found);
/// The same for PTR questions of `browse`.
[[nodiscard]] failure browse_failure(const options& opts, error_code ec, const browse_result& found);
/// Why no connection came about; errors of the discovery before it included.
[[nodiscard]] failure connect_failure(const options& opts, error_code ec, const connection& tried);

/// "PROGRAM: warning: ..." unless --quiet.
void warn(const options& opts, std::string_view text);

}  // namespace sdconnect::cli
