/// \file
/// The JSON that scripts read, schema 1. Each function gives one object and a newline. Names are in their escaped
/// text form, so that the result is valid JSON and harmless on a terminal whatever the network sent.
#pragma once

#include "explain.hpp"
#include "listing.hpp"
#include "sdconnect/resolver/service.hpp"

#include <span>
#include <string>
#include <vector>

namespace sdconnect::cli {

/// `query` as the user named it.
[[nodiscard]] std::string service_json(const name& query, const service& found, selection_policy policy);

[[nodiscard]] std::string instances_json(const browse_result& found);
[[nodiscard]] std::string types_json(const name& query, std::span<const browse_entry> types);
[[nodiscard]] std::string domains_json(const name& zone, std::span<const domain_listing> domains);

[[nodiscard]] std::string pick_json(const pick_tally& tally);
[[nodiscard]] std::string check_json(const name& query, std::span<const endpoint_check> checks);
[[nodiscard]] std::string explanation_json(const explanation& story);

}  // namespace sdconnect::cli
