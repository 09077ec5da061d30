/// \file
/// The parts of the selection benchmark. Each prints a table and its goals.
#pragma once

#include <cstddef>
#include <string>

namespace sdconnect::bench {

struct selection_effort {
  std::size_t rounds;       ///< number of rounds; the median counts
  double block_ns;          ///< approximate run time of a contender before the next one runs
  double threads_block_ns;  ///< the same, if another thread takes part
  std::size_t draws;        ///< for the test of the shares
};

/// One choice: this library, other libraries, schedulers, the minimum; by size, by threads, with a
/// writer.
void compare_picks(const selection_effort& with);
void compare_threads(const selection_effort& with);
/// A change of health, from the report to the snapshot, compared with building the table of the
/// minimum.
void compare_publishing(const selection_effort& with);
void compare_orders(const selection_effort& with);
void print_policies(const selection_effort& with);

/// Counts instructions instead of time, with callgrind.
void count_instructions();
/// The work that count_instructions() counts: choices of the contender with that name, or full
/// orders by the name of their row. Returns false for an unknown name.
bool choose_picks(const std::string& name, std::size_t size, std::size_t times);
bool choose_orders(const std::string& name, std::size_t size, std::size_t times);

}  // namespace sdconnect::bench
