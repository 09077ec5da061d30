/// \file
/// Moments as text, for logs and JSON.
#pragma once

#include <chrono>
#include <string>

namespace sdconnect::detail {

/// "2026-11-23T21:00:00.123Z" (RFC 3339).
[[nodiscard]] std::string utc_text(std::chrono::system_clock::time_point time);

}  // namespace sdconnect::detail
