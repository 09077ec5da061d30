/// \file
/// The two shows of `sd-connect demo`.
#pragma once

#include "sd-connect/demo/demo_lab.hpp"
#include "sd-connect/demo/demo_report.hpp"

namespace sdconnect::cli {

/// The built-in zone: discovery, shares, tiers, failures and recovery, each checked. The backends
/// run again at the end.
void show_built_in_zone(const options& opts, const demo_name_server& server, demo_backends& backends,
                        demo_report& report);

/// The user's zone: its service types, their endpoints and shares. Endpoints on loopback addresses
/// that are free get a backend.
void show_zone_of_user(const options& opts, const demo_name_server& server, demo_backends& backends,
                       demo_report& report);

}  // namespace sdconnect::cli
