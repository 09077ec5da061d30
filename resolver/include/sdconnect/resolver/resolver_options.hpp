/// \file
/// Options and statistics of a resolver.
#pragma once

#include "sdconnect/cache/answer_cache.hpp"
#include "sdconnect/transport/dns_client_options.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace sdconnect {

struct resolver_options {
  std::optional<cache_limits> cache = cache_limits{};  ///< nullopt: no cache, every question becomes a query
  /// Changes the options of the DNS client. A resolver that follows resolv.conf calls it with the
  /// options from the file, at the start and after every change of the file; from_servers() calls
  /// it with the options from the text.
  std::function<void(dns_client_options&)> adapt = {};
};

/// Counters since the construction of the resolver, over all its copies.
struct resolver_statistics {
  std::uint64_t hits = 0;        ///< lookups answered from the cache within their TTL
  std::uint64_t stale_hits = 0;  ///< lookups answered beyond it, because DNS gave no answer
  std::uint64_t misses = 0;      ///< lookups that waited for a query
  std::uint64_t coalesced = 0;   ///< of these, the ones that joined a pending query
  std::uint64_t queries = 0;     ///< queries given to the DNS client, including background refreshes
  std::uint64_t failures = 0;    ///< of these, the ones without an answer
  /// Number of times that the host's addresses had changed or the host had been suspended. The
  /// resolver then opens new connections and no longer counts earlier answers as fresh.
  std::uint64_t network_changes = 0;
};

}  // namespace sdconnect
