/// \file
/// Reports why a server of the lab cannot bind its address.
#pragma once

#include <boost/system/system_error.hpp>

#include <sstream>
#include <string>

namespace sdconnect::detail {

/// Throws system_error; its text names protocol and address.
template <class Endpoint>
[[noreturn]] void throw_bind_error(const boost::system::error_code& ec, const std::string& protocol,
                                   const Endpoint& at) {
  std::ostringstream where;
  where << protocol << ' ' << at;
  throw boost::system::system_error(ec, where.str());
}

}  // namespace sdconnect::detail
