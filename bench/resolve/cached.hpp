/// \file
/// What an answer costs that is known already.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sdconnect::bench {

struct cached_cost {
  double ns = 0;           ///< the median of several runs
  double allocations = 0;  ///< for each lookup
};

/// answer_cache::find among that many answers, in an order that caches of the processor cannot
/// foresee.
cached_cost measure_find(std::size_t answers, std::size_t lookups);
/// lookup_table::ask, which the resolver's walk calls.
cached_cost measure_table(std::size_t answers, std::size_t lookups);
/// resolver.async_resolve of one service, through the event loop and with the endpoints made anew.
cached_cost measure_resolve(std::uint16_t port, const std::string& service, std::size_t lookups);

}  // namespace sdconnect::bench
