/// \file
/// The two demonstrations of `sd-connect demo`.
#pragma once

#include "sd-connect/demo/demo_lab.hpp"
#include "sd-connect/demo/demo_report.hpp"

namespace sdconnect::cli {

/// Shows the built-in zone: discovery, shares, tiers, failures and recovery, and checks each. All
/// backends run again at the end.
void show_built_in_zone(const options& opts, const demo_name_server& server, demo_backends& backends,
                        demo_report& report);

/// Shows the user's zone: its services, their endpoints and shares. Starts a backend for each
/// endpoint whose loopback address is free. Returns the services: the types that the zone lists
/// (RFC 6763 §9), and all that its records describe.
std::vector<name> show_zone_of_user(const options& opts, const demo_name_server& server, demo_backends& backends,
                                    demo_report& report);

}  // namespace sdconnect::cli
