/// \file
/// Every option of sd-connect, once.
#pragma once

#include "program/description.hpp"

#include <span>

namespace sdconnect::cli {

[[nodiscard]] std::span<const option_spec> option_table() noexcept;

}  // namespace sdconnect::cli
