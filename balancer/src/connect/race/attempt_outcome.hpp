/// \file
/// Errors of attempts to connect, and what they say about the endpoint.
#pragma once

#include "sdconnect/balancer/outcome.hpp"
#include "sdconnect/net/error.hpp"

#include <boost/system/errc.hpp>

namespace sdconnect::detail {

/// Returns the code that the kernel and Asio use: operation_canceled here is Asio's
/// operation_aborted.
[[nodiscard]] error_code system_error(boost::system::errc::errc_t what) noexcept;

/// A link-local IPv6 address from DNS, which cannot tell the interface (RFC 4007 §11). Message:
/// "link-local address without an interface"; condition: bad_peer.
[[nodiscard]] error_code no_scope() noexcept;

[[nodiscard]] outcome_kind outcome_of(error_code ec) noexcept;

/// True if this host ran out of descriptors, buffers, memory or ports.
[[nodiscard]] bool is_lack_of_resources(error_code ec) noexcept;

}  // namespace sdconnect::detail
