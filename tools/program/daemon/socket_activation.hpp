/// \file
/// Listening sockets that the service manager opened and passed on: sd_listen_fds(3).
#pragma once

#include "net/io/descriptor.hpp"

#include <string>
#include <vector>

namespace sdconnect::cli {

struct activated_socket {
  detail::descriptor socket;
  std::string name;  ///< FileDescriptorName= of the socket unit; "unknown" if it has none
};

/// Returns the sockets in the order of the unit; none if LISTEN_PID is not this process. Removes
/// LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES from the environment and makes the sockets
/// close-on-exec, so that child processes do not get them. Call it once, before starting any thread
/// or opening any file. `first`: number of the first descriptor. Throws failure (71) if the
/// variables or descriptors cannot be what a service manager passed.
[[nodiscard]] std::vector<activated_socket> take_activated_sockets(int first = 3);

}  // namespace sdconnect::cli
