/// \file
/// Formats a resolved service, apart from running the command.
#pragma once

#include "program/exit_code.hpp"
#include "program/output.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/resolver/service.hpp"

#include <string>

namespace sdconnect::cli {

/// The data of `resolve` in the format that `opts` selects: endpoints, and in a table also the TXT
/// record of each instance.
/// `why`: the failure that the command ends with, for JSON.
[[nodiscard]] std::string service_listing(const options& opts, const service& found, const appearance& look,
                                          const failure* why = nullptr);

/// Returns whether to print the result although it is unusable. False if DNS did not answer: an
/// empty list would mean "none".
[[nodiscard]] bool is_an_answer(error_code ec);

/// Runs `resolve --wait` or `resolve --wait-gone`. Throws failure.
[[nodiscard]] exit_code wait_in_dns(const options& opts);

}  // namespace sdconnect::cli
