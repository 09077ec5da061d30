/// \file
/// Merges and formats browsing results, apart from running the command.
#pragma once

#include "program/exit_code.hpp"
#include "program/output.hpp"
#include "sd-connect/commands/listing.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/resolver/service.hpp"

#include <span>
#include <string>
#include <vector>

namespace sdconnect::cli {

/// Joins the answers to the five domain queries: each domain once, sorted by name.
struct domain_answer {
  domain_enumeration kind{};
  browse_result found;
};
[[nodiscard]] std::vector<domain_listing> domains_in(std::span<const domain_answer> answers);

/// `why`: the failure that the command ends with, for JSON.
[[nodiscard]] std::string instances_listing(output_format format, const browse_result& found, const appearance& look,
                                            const failure* why = nullptr);
[[nodiscard]] std::string types_listing(output_format format, const browse_result& found, const appearance& look,
                                        const failure* why = nullptr);
/// `zones`: the zones that were queried for domains. `is_complete`: all of them answered, for JSON.
[[nodiscard]] std::string domains_listing(output_format format, std::span<const name> zones,
                                          std::span<const domain_listing> domains, const appearance& look,
                                          const failure* why = nullptr, bool is_complete = false);

}  // namespace sdconnect::cli
