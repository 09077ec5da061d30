#include "bench/selection/threads.hpp"

#include "bench/support/processors.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <thread>
#include <vector>

namespace sdconnect::bench {
namespace {

double cost_of(chooser& one, std::size_t times) {
  const double began = thread_time();
  one.choose(times);
  return (thread_time() - began) / static_cast<double>(times);
}

}  // namespace

double two_thread_factor(chooser& here, chooser& there, std::size_t times, std::size_t rounds) {
  // Compares each thread with itself alone on the same processor, because one processor may be
  // slower for other reasons.
  const cpu_set_t allowed = allowed_processors();
  const std::vector<int> all = processors();
  std::barrier together(2);
  std::vector<double> theirs(rounds), factors;
  std::thread other([&] {
    if (all.size() > 1) run_on(all[1]);
    there.choose(times);  // excludes the extra cost of a thread's first choice
    for (double& factor : theirs) {
      const double alone = cost_of(there, times);
      together.arrive_and_wait();
      together.arrive_and_wait();
      factor = alone / cost_of(there, times);
      together.arrive_and_wait();
    }
  });
  if (all.size() > 1) run_on(all[0]);
  here.choose(times);
  for (std::size_t round = 0; round < rounds; ++round) {
    together.arrive_and_wait();
    const double alone = cost_of(here, times);
    together.arrive_and_wait();
    factors.push_back(alone / cost_of(here, times));
    together.arrive_and_wait();
  }
  other.join();
  run_on(allowed);
  for (std::size_t round = 0; round < rounds; ++round) factors[round] += theirs[round];
  return median(std::move(factors));
}

double cost_with_writer(our_set& set, chooser& here, std::size_t times, std::size_t rounds) {
  std::atomic<bool> is_writing{false}, is_over{false};
  std::thread writer([&] {
    auto next = std::chrono::steady_clock::now();
    while (!is_over) {
      if (is_writing) set.flip();
      std::this_thread::sleep_until(next += std::chrono::milliseconds(1));
    }
  });
  std::vector<double> with, without;
  for (std::size_t round = 0; round < rounds; ++round) {
    is_writing = false;
    without.push_back(cost_of(here, times));
    is_writing = true;
    with.push_back(cost_of(here, times));
  }
  is_over = true;
  writer.join();
  return median_ratio(with, without);
}

}  // namespace sdconnect::bench
