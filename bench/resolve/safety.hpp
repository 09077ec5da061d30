/// \file
/// How hard our queries are to forge replies to: what an attacker would have to guess, and that
/// guessing does not work.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sdconnect::bench {

struct unpredictability {
  double id_p = 0;    ///< chi-square: how likely a uniform source looks as uneven
  double port_p = 0;  ///< of the ports drawn, one for each socket
  std::uint32_t most_queries_per_port = 0;
  std::chrono::duration<double> longest_port_life{};  ///< from its opening to its last query
  std::size_t queries = 0;
  std::size_t ports = 0;
};

/// `queries` as fast as they go, then at 400 a second for `slow`, so that ports have the time to
/// get old.
unpredictability observe_unpredictability(std::size_t queries, std::chrono::milliseconds slow);

struct flood {
  std::uint64_t forged = 0;
  std::size_t queries = 0;
  std::size_t accepted = 0;  ///< forged replies
  std::size_t answered = 0;  ///< by true ones; the others ended without an answer
};

/// `per_query` forged replies to each query; see responder.
flood observe_flood(std::size_t queries, std::size_t per_query);

}  // namespace sdconnect::bench
