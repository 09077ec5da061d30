/// \file
/// A name server in a thread of this process that delays each answer.
#pragma once

#include "lab/background.hpp"
#include "sdconnect/connect/connector.hpp"
#include "support/forging_server.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace sdconnect::bench {

/// The services that it serves; each leads to one port of 127.0.0.1. "Additional" names the
/// additional records in the answer.
inline constexpr const char* complete_service = "_complete._tcp.bench.example.";  ///< IPv4 and IPv6 additional
inline constexpr const char* ipv4_service = "_ipv4._tcp.bench.example.";          ///< IPv4 additional, no IPv6
inline constexpr const char* bare_service = "_bare._tcp.bench.example.";          ///< nothing additional
inline constexpr const char* service_type = "_type._tcp.bench.example.";          ///< nothing additional

class scripted_name_server {
 public:
  scripted_name_server(std::uint16_t service_port, std::chrono::milliseconds delay, bool is_silent_of_ipv6);

  /// A connector with an empty cache.
  [[nodiscard]] connector new_connector(boost::asio::any_io_executor executor, const connector_options& options) const;

 private:
  lab::background thread_;
  test::forging_server server_;
};

}  // namespace sdconnect::bench
