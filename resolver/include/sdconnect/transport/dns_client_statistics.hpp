/// \file
/// Statistics of a DNS client.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sdconnect {

/// Counters since construction; the last three are current values.
struct dns_client_statistics {
  std::uint64_t questions = 0;       ///< asked by callers
  std::uint64_t datagrams_sent = 0;  ///< queries over UDP
  std::uint64_t stream_queries = 0;  ///< queries over TCP and TLS
  std::uint64_t repetitions = 0;     ///< messages sent for a question after the first one
  std::uint64_t discarded = 0;       ///< datagrams that answered no query (RFC 5452 §9.1)
  std::uint64_t sockets_opened = 0;  ///< UDP sockets
  std::uint64_t streams_opened = 0;  ///< TCP and TLS connections
  std::size_t sockets_open = 0;      ///< UDP sockets open now
  std::size_t in_flight = 0;         ///< questions in flight now
  std::size_t waiting = 0;           ///< questions in the queue now
};

}  // namespace sdconnect
