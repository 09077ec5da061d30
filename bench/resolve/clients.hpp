/// \file
/// The same questions put to one name server through our library, through others, and with the
/// least that it takes.
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
  /// Puts `count` SRV questions with `in_flight` of them under way at a time, the names in turn;
  /// returns how many answers held all their records.
  virtual std::size_t ask(std::size_t count, std::size_t in_flight) = 0;
};

using names = std::vector<std::string>;

/// dns_client.async_query, decoded and joined with the addresses.
std::unique_ptr<dns_asker> make_ours(std::uint16_t port, const names& asked);
/// 64 connected sockets on random ports, a random ID for each query, epoll; of a reply the ID and
/// the count are read.
std::unique_ptr<dns_asker> make_raw(std::uint16_t port, const names& asked);
/// One channel on epoll with EDNS, and ares_parse_srv_reply: no addresses.
std::unique_ptr<dns_asker> make_cares(std::uint16_t port, const names& asked);
/// A stub context on its own event loop; its answer is a dict that is made in any case.
std::unique_ptr<dns_asker> make_getdns(std::uint16_t port, const names& asked);
/// A forward zone for the root, iterator only, in a thread of its own; nothing is cached.
std::unique_ptr<dns_asker> make_unbound(std::uint16_t port, const names& asked);

}  // namespace sdconnect::bench
