/// \file
/// The cost of an answer that is already known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sdconnect::bench {

struct cached_cost {
  double ns = 0;           ///< the median of several runs
  double allocations = 0;  ///< per lookup
};

/// answer_cache::find with `answers` cached answers, in an order that processor caches cannot
/// predict.
cached_cost measure_find(std::size_t answers, std::size_t lookups);
/// lookup_table::ask, which the resolver's walk calls.
cached_cost measure_table(std::size_t answers, std::size_t lookups);
/// resolver.async_resolve of one service, through the event loop; builds the endpoints each time.
cached_cost measure_resolve(std::uint16_t port, const std::string& service, std::size_t lookups);

}  // namespace sdconnect::bench
