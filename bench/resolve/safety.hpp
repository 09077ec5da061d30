/// \file
/// How hard it is to forge replies to the library's queries: what an attacker has to guess, and
/// whether guessing succeeds.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sdconnect::bench {

struct unpredictability {
  double id_p = 0;    ///< chi-square: probability that a uniform source looks as uneven
  double port_p = 0;  ///< the same for the ports drawn, one per socket
  std::uint32_t most_queries_per_port = 0;
  std::chrono::duration<double> longest_port_life{};  ///< from opening to the last query
  std::size_t queries = 0;
  std::size_t ports = 0;
};

/// Sends `queries` at full speed, then 400 a second for `slow`, so that ports can reach their
/// maximum age.
unpredictability observe_unpredictability(std::size_t queries, std::chrono::milliseconds slow);

struct flood {
  std::uint64_t forged = 0;
  std::size_t queries = 0;
  std::size_t accepted = 0;  ///< forged replies
  std::size_t answered = 0;  ///< by true replies; the others ended without an answer
};

/// Sends `per_query` forged replies for each query; see responder.
flood observe_flood(std::size_t queries, std::size_t per_query);

}  // namespace sdconnect::bench
