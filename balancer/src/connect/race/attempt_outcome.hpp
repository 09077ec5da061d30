/// \file
/// Errors of attempts to connect, and what they say of the other side.
#pragma once

#include "sdconnect/balancer/outcome.hpp"
#include "sdconnect/net/error.hpp"

#include <boost/system/errc.hpp>

namespace sdconnect::detail {

/// As the kernel and Asio give it: operation_canceled here is Asio's operation_aborted.
[[nodiscard]] error_code system_error(boost::system::errc::errc_t what) noexcept;

[[nodiscard]] outcome_kind outcome_of(error_code ec) noexcept;

/// Descriptors, buffers, memory or ports of our own ran out.
[[nodiscard]] bool is_lack_of_resources(error_code ec) noexcept;

}  // namespace sdconnect::detail
