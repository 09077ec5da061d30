/// \file
/// Which addresses the helper connects to on behalf of its clients.
#pragma once

#include "helper/run/shared_state.hpp"
#include "sdconnect/connect/connect_options.hpp"

#include <functional>

namespace sdconnect::helper {

/// Returns a predicate for connect_options::admits. It refuses
///  - the helper's own listeners (FAULTS O40),
///  - link-local addresses, which lead to the metadata services of clouds (FAULTS S15),
///  - loopback as the target of a service, unless its name servers are local too: whoever runs a
///    foreign zone must not reach the programs of this host.
/// `own` must outlive it.
[[nodiscard]] std::function<bool(const name&, const endpoint&, const ip_address&)> admission(
    const own_listeners& own, bool allow_loopback, std::function<bool(const name&)> is_asked_locally);

}  // namespace sdconnect::helper
