/// \file
/// Common functions of the commands that use a connected endpoint.
#pragma once

#include "sd-connect/options/options.hpp"
#include "sdconnect/connect/connection.hpp"

#include <string>

namespace sdconnect::cli {

/// Whether the queried name is a service over UDP (`_udp`).
[[nodiscard]] bool is_udp_service(const options& opts);

/// Throws failure (64) for a service over UDP: it has no byte stream.
void require_tcp_service(const options& opts);

/// "host1.unilans.net:18081 (127.0.0.11)", for messages.
[[nodiscard]] std::string endpoint_text(const endpoint& e, const ip_address& address);
/// "_v1._theservice._tcp.unilans.net. at host1.unilans.net:18081 (127.0.0.11)", for failures.
[[nodiscard]] std::string stream_text(const options& opts, const connection& made);

}  // namespace sdconnect::cli
