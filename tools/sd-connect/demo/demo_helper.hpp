/// \file
/// The part of the demo for programs that know nothing of SRV records.
#pragma once

#include "sd-connect/demo/demo_lab.hpp"
#include "sd-connect/demo/demo_report.hpp"
#include "sd-connect/helper/background_helper.hpp"
#include "sd-connect/options/options.hpp"

#include <memory>

namespace sdconnect::cli {

/// Starts a forward, a proxy and a status page for the built-in zone, and fetches a page through
/// each of the first two. The result serves until it is destroyed.
[[nodiscard]] std::unique_ptr<background_helper> show_helper(const options& opts, const demo_name_server& server,
                                                             demo_report& report);

}  // namespace sdconnect::cli
