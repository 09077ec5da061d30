/// \file
/// A watcher's events in the syntax of `expect`.
#pragma once

#include "sdconnect/resolver/service_watcher.hpp"

#include <string>

namespace sdconnect::scenario {

/// "changed h:80 weight=10..20 addresses", "txt v1._x._tcp", "unknown server_failure".
[[nodiscard]] std::string event_text(const watch_event& e);

}  // namespace sdconnect::scenario
