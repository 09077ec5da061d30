/// \file
/// The parts of the selection benchmark. Each prints a table and its goals.
#pragma once

#include <cstddef>
#include <string>

namespace sdconnect::bench {

struct selection_effort {
  std::size_t rounds;       ///< of which the median counts
  double block_ns;          ///< about how long a contender runs before the next has its turn
  double threads_block_ns;  ///< the same, where another thread has to come along
  std::size_t draws;        ///< for the test of the shares
};

/// One choice: ours, libraries, schedulers, the floor; by size, by threads, with a writer.
void compare_picks(const selection_effort& with);
void compare_threads(const selection_effort& with);
/// A change of health, from the report to the snapshot, and the table of the floor.
void compare_publishing(const selection_effort& with);
void compare_orders(const selection_effort& with);
void print_policies(const selection_effort& with);

/// Instructions instead of time, by callgrind.
void count_instructions();
/// What count_instructions() counts: choices of the contender with that name; our full orders, by
/// the name of their row. False: the name is another.
bool choose_picks(const std::string& name, std::size_t size, std::size_t times);
bool choose_orders(const std::string& name, std::size_t size, std::size_t times);

}  // namespace sdconnect::bench
