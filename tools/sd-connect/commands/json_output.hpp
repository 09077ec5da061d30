/// \file
/// The JSON that scripts read, schema 1. Each function returns one object and a newline. Names are
/// in their escaped text form, so that the result is valid JSON and safe on a terminal for any
/// network data.
#pragma once

#include "program/exit_code.hpp"
#include "sd-connect/commands/listing.hpp"
#include "sdconnect/connect/probe_options.hpp"
#include "sdconnect/resolver/service_watcher.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

/// The member "error" of a result that is not what the user asked for. `why` null: the command
/// succeeds, and its result has no such member.
using failed = const failure*;

/// `query`: the name in the user's spelling.
[[nodiscard]] std::string service_json(const name& query, const service& found, selection_policy policy,
                                       failed why = nullptr);

[[nodiscard]] std::string instances_json(const browse_result& found, failed why = nullptr);
[[nodiscard]] std::string types_json(const browse_result& found, failed why = nullptr);
/// `zones`: the zones that were queried for domains; several if they are the host's own networks.
[[nodiscard]] std::string domains_json(std::span<const name> zones, std::span<const domain_listing> domains,
                                       bool is_complete, failed why = nullptr);

[[nodiscard]] std::string pick_json(const pick_tally& tally);
[[nodiscard]] std::string check_json(probe_kind kind, const name& query, std::span<const endpoint_check> checks,
                                     bool is_complete, failed why = nullptr);

/// For a failure before there was any result. `query` is null if the command line does not tell it.
[[nodiscard]] std::string failure_json(const std::optional<name>& query, const failure& why);

/// One change. `view` is the service after the change, `time` is in the form of detail::utc_text().
[[nodiscard]] std::string change_json(const watch_event& event, const service& view, std::string_view time);

}  // namespace sdconnect::cli
