#include "selection_threads.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <thread>

namespace sdconnect::bench {
namespace {

double cost_of(chooser& one, std::size_t times) {
  const double began = thread_time();
  one.choose(times);
  return (thread_time() - began) / static_cast<double>(times);
}

}  // namespace

double two_thread_factor(chooser& here, chooser& there, std::size_t times, std::size_t rounds) {
  std::barrier together(2);
  std::vector<double> alone(rounds), beside(rounds), factors;
  std::thread other([&] {
    there.choose(times);  // what a thread's first choice does besides
    for (double& cost : beside) {
      together.arrive_and_wait();
      cost = cost_of(there, times);
      together.arrive_and_wait();
    }
  });
  for (std::size_t round = 0; round < rounds; ++round) {
    alone[round] = cost_of(here, times);
    together.arrive_and_wait();
    factors.push_back(alone[round] / cost_of(here, times));
    together.arrive_and_wait();
  }
  other.join();
  for (std::size_t round = 0; round < rounds; ++round) factors[round] += alone[round] / beside[round];
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
