/// \file
/// The parts of sd-connect: its commands, options, environment and configuration file.
#pragma once

#include "program/description.hpp"

namespace sdconnect::cli {

[[nodiscard]] const description& sd_connect() noexcept;

}  // namespace sdconnect::cli
