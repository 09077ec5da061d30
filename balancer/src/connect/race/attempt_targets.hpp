/// \file
/// Lists the addresses of endpoints that a race tries.
#pragma once

#include "connect/race/race_context.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <functional>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Returns the candidates of endpoints in the order to be tried: all addresses of one endpoint,
/// then the next endpoint (RFC 2782 "Usage rules"). Inside an endpoint the families alternate, IPv6
/// first (RFC 8305 §4), and addresses for which `failed_lately` returns true come behind the
/// others.
[[nodiscard]] std::vector<attempt_target> attempt_targets(
    std::span<const endpoint* const> order, bool use_ipv4, bool use_ipv6,
    const std::function<bool(const endpoint&, const ip_address&)>& failed_lately = {});

}  // namespace sdconnect::detail
