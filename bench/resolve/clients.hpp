/// \file
/// Sends the same queries to one name server with this library, with other libraries, and with a
/// minimal client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sdconnect::bench {

class dns_asker {
 public:
  virtual ~dns_asker() = default;
  /// Sends `count` SRV queries, `in_flight` at a time, and cycles through the names. Returns the
  /// number of answers that had all their records.
  virtual std::size_t ask(std::size_t count, std::size_t in_flight) = 0;
};

using names = std::vector<std::string>;

/// dns_client.async_query, decoded and joined with the addresses.
std::unique_ptr<dns_asker> make_ours(std::uint16_t port, const names& asked);
/// 64 connected sockets on random ports, a random ID for each query, epoll; reads only the ID and
/// the counts of a reply.
std::unique_ptr<dns_asker> make_raw(std::uint16_t port, const names& asked);
/// One channel on epoll with EDNS, and ares_parse_srv_reply: no addresses.
std::unique_ptr<dns_asker> make_cares(std::uint16_t port, const names& asked);
/// A stub context on its own event loop; getdns always builds its answer as a dict.
std::unique_ptr<dns_asker> make_getdns(std::uint16_t port, const names& asked);
/// A forward zone for the root, iterator only, in its own thread; caches nothing.
std::unique_ptr<dns_asker> make_unbound(std::uint16_t port, const names& asked);

}  // namespace sdconnect::bench
