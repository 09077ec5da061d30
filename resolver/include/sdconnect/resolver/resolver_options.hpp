/// \file
/// What a resolver keeps, and what it counts.
#pragma once

#include "sdconnect/cache/answer_cache.hpp"
#include "sdconnect/transport/dns_client_options.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace sdconnect {

struct resolver_options {
  std::optional<cache_limits> cache = cache_limits{};  ///< nullopt: every question becomes a query
  /// Of a resolver that follows resolv.conf: changes what the file says, at the start and after
  /// every change of it. Of one from_servers: changes what the text says.
  std::function<void(dns_client_options&)> adapt = {};
};

/// Since the resolver was made, over all its copies.
struct resolver_statistics {
  std::uint64_t hits = 0;        ///< lookups answered from the cache within their TTL
  std::uint64_t stale_hits = 0;  ///< lookups answered beyond it, since DNS gave no answer
  std::uint64_t misses = 0;      ///< lookups that waited for a query
  std::uint64_t coalesced = 0;   ///< of these, the ones that joined a query already under way
  std::uint64_t queries = 0;     ///< handed to the DNS client, refreshes in the background included
  std::uint64_t failures = 0;    ///< of these, the ones that brought no answer
  /// How often the host was seen to have other addresses than before, or to have slept: what was
  /// known of the network is renewed then.
  std::uint64_t network_changes = 0;
};

}  // namespace sdconnect
