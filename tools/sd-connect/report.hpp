/// \file
/// Failure lines and warnings on stderr: "sd-connect: what: where: what to do", each on one line, escaped for
/// display.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"
#include "sdconnect/connect/connection.hpp"
#include "sdconnect/resolver/service.hpp"

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Text of a user or of the network between quotes: escaped, and cut after 80 octets so that the line stays one line.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// The parts that are not empty, joined by ": ".
[[nodiscard]] failure fail(exit_code code, std::string_view what, std::string_view where = {},
                           std::string_view hint = {});

/// Why discovery failed: the name, who was asked and what came of it, and what to do.
[[nodiscard]] failure resolve_failure(const options& opts, error_code ec, const service& found);
/// The same for PTR questions of `browse`.
[[nodiscard]] failure browse_failure(const options& opts, error_code ec, const browse_result& found);
/// Why no connection came about; errors of the discovery before it included.
[[nodiscard]] failure connect_failure(const options& opts, error_code ec, const connection& tried);

/// One line on stderr, a failure or a note, with the program's name in front. A control character that slipped
/// through is replaced.
void print_failure(std::string_view line);
/// "sd-connect: warning: ..." unless --quiet.
void warn(const options& opts, std::string_view text);

}  // namespace sdconnect::cli
