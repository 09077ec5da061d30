/// \file
/// Why discovery or connecting failed, in one line, and what to do.
#pragma once

#include "program/report.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/connect/connection.hpp"
#include "sdconnect/resolver/service.hpp"

#include <string_view>

namespace sdconnect::cli {

/// Describes why discovery failed: the name, the servers and their results, and what to do.
[[nodiscard]] failure resolve_failure(const options& opts, error_code ec, const service& found);
/// The same for the PTR queries of `browse`.
[[nodiscard]] failure browse_failure(const options& opts, error_code ec, const browse_result& found);
/// Describes why connecting failed, including errors of the discovery before it.
[[nodiscard]] failure connect_failure(const options& opts, error_code ec, const connection& tried);

/// "PROGRAM: warning: ..." unless --quiet.
void warn(const options& opts, std::string_view text);

}  // namespace sdconnect::cli
