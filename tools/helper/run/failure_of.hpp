/// \file
/// Says why a client's connection failed, in the words of its protocol.
#pragma once

#include "helper/protocol/refusal.hpp"
#include "helper/run/dialer.hpp"
#include "helper/run/shared_state.hpp"

#include <string>

namespace sdconnect::helper {

/// REQUIRES: result.error.
[[nodiscard]] refusal refusal_of(const dialed& result, const own_listeners& own, std::string id);

}  // namespace sdconnect::helper
