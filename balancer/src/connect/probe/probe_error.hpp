/// \file
/// Error codes for what is wrong with a probed endpoint; their messages describe it.
#pragma once

#include "sdconnect/net/error.hpp"

namespace sdconnect::detail {

/// "HTTP status 503"; bad_peer.
[[nodiscard]] error_code unexpected_status(unsigned status) noexcept;
/// "command ended with 1", "command ended by signal 9" for 137; bad_peer.
[[nodiscard]] error_code command_failed(int exit_code) noexcept;

}  // namespace sdconnect::detail
