/// \file
/// Formats checked endpoints, apart from running the command.
#pragma once

#include "program/exit_code.hpp"
#include "program/output.hpp"
#include "sd-connect/commands/listing.hpp"
#include "sd-connect/options/options.hpp"

#include <span>
#include <string>

namespace sdconnect::cli {

/// `names_addresses`: -o short names the address of each check, too. `why`: the failure that the
/// command ends with, for JSON. `is_complete`: service::complete, for JSON.
[[nodiscard]] std::string checks_listing(output_format format, probe_kind kind, const name& query,
                                         std::span<const endpoint_check> checks, const appearance& look,
                                         bool names_addresses = false, const failure* why = nullptr,
                                         bool is_complete = false);

}  // namespace sdconnect::cli
