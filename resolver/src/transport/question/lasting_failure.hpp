/// \file
/// Which failures of a connection end soon, and which do not.
#pragma once

#include "sdconnect/net/error.hpp"

#include <boost/system/errc.hpp>

namespace sdconnect::detail {

/// Whether a stream that failed so would fail again at once: nobody listens, no route leads there,
/// or a rule forbids it. Anything else, such as a server that closes the connection, may pass.
[[nodiscard]] inline bool is_lasting(const error_code& ec) noexcept {
  namespace system = boost::system::errc;
  return ec == system::connection_refused || ec == system::host_unreachable || ec == system::network_unreachable ||
         ec == system::network_down || ec == system::address_not_available ||
         ec == system::address_family_not_supported || ec == system::operation_not_permitted ||
         ec == system::permission_denied || ec == condition::refused_by_policy || ec == condition::bad_input;
}

}  // namespace sdconnect::detail
