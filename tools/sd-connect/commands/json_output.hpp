/// \file
/// The JSON that scripts read, schema 1. Each function returns one object and a newline. Names are
/// in their escaped text form, so that the result is valid JSON and safe on a terminal for any
/// network data.
#pragma once

#include "sd-connect/commands/listing.hpp"
#include "sdconnect/connect/probe_options.hpp"
#include "sdconnect/resolver/service_watcher.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

/// `query`: the name in the user's spelling.
[[nodiscard]] std::string service_json(const name& query, const service& found, selection_policy policy);

[[nodiscard]] std::string instances_json(const browse_result& found);
[[nodiscard]] std::string types_json(const name& query, std::span<const browse_entry> types);
/// `zones`: the zones that were queried for domains; several if they are the host's own networks.
[[nodiscard]] std::string domains_json(std::span<const name> zones, std::span<const domain_listing> domains);

[[nodiscard]] std::string pick_json(const pick_tally& tally);
[[nodiscard]] std::string check_json(probe_kind kind, const name& query, std::span<const endpoint_check> checks);

/// One change. `view` is the service after the change, `time` is in the form of utc_text().
[[nodiscard]] std::string change_json(const watch_event& event, const service& view, std::string_view time);

}  // namespace sdconnect::cli
