/// \file
/// What a DNS client counts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sdconnect {

/// Counted since construction.
struct dns_client_statistics {
  std::uint64_t questions = 0;       ///< taken from callers
  std::uint64_t datagrams_sent = 0;  ///< queries over UDP
  std::uint64_t stream_queries = 0;  ///< queries over TCP and TLS
  std::uint64_t repetitions = 0;     ///< messages sent for a question after its first
  std::uint64_t discarded = 0;       ///< datagrams that answered nothing (RFC 5452 §9.1)
  std::uint64_t sockets_opened = 0;  ///< UDP
  std::uint64_t streams_opened = 0;  ///< TCP and TLS
  std::size_t sockets_open = 0;      ///< UDP, now
  std::size_t in_flight = 0;         ///< questions, now
  std::size_t waiting = 0;           ///< questions in the queue, now
};

}  // namespace sdconnect
