/// \file
/// Converts public options to those of the machines without Asio.
#pragma once

#include "connect/machine/core_options.hpp"
#include "connect/race/race_options.hpp"
#include "sdconnect/connect/connect_options.hpp"

#include <chrono>

namespace sdconnect::detail {

[[nodiscard]] race_options race_options_of(const connect_options& from,
                                           std::chrono::steady_clock::time_point deadline = {});
/// Each connect sets its own deadline.
[[nodiscard]] core_options core_options_of(const connector_options& from);

}  // namespace sdconnect::detail
