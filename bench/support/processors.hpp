/// \file
/// Selects the processor on which a thread runs. On a virtual machine, threads of other machines
/// share the cores. Code with many instructions per cycle then loses a third of its speed, for
/// minutes, on one processor and not on the other.
#pragma once

#include "bench/support/goals.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <sched.h>
#include <vector>

namespace sdconnect::bench {

inline cpu_set_t allowed_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  (void)::sched_getaffinity(0, sizeof(allowed), &allowed);
  return allowed;
}

/// The processors that this thread may use, at most eight.
inline std::vector<int> processors() {
  const cpu_set_t allowed = allowed_processors();
  std::vector<int> all;
  for (int i = 0; i < CPU_SETSIZE && all.size() < 8; ++i) {
    if (CPU_ISSET(i, &allowed)) all.push_back(i);
  }
  return all;
}

inline void run_on(const cpu_set_t& these) { (void)::sched_setaffinity(0, sizeof(these), &these); }
inline void run_on(int processor) {
  cpu_set_t chosen;
  CPU_ZERO(&chosen);
  CPU_SET(processor, &chosen);
  run_on(chosen);
}

/// While it exists, keeps this thread on the processor that others currently disturb least.
class quiet_processor {
 public:
  quiet_processor() {
    const std::vector<int> all = processors();
    if (all.size() < 2) return;
    run_on(*std::ranges::min_element(all, {}, [](int processor) {
      run_on(processor);
      double least = std::numeric_limits<double>::max();
      for (int i = 0; i < 5; ++i) least = std::min(least, cost_of_many_instructions());
      return least;
    }));
  }
  quiet_processor(const quiet_processor&) = delete;
  quiet_processor& operator=(const quiet_processor&) = delete;
  ~quiet_processor() { run_on(allowed_); }

 private:
  /// The instructions do not depend on each other.
  static double cost_of_many_instructions() {
    const double began = thread_time();
    std::uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
    for (int i = 0; i < 200'000; ++i) {
      a = (a + 3) ^ 1;
      b = (b + 5) ^ 2;
      c = (c + 7) ^ 3;
      d = (d + 11) ^ 4;
      e = (e + 13) ^ 5;
      f = (f + 17) ^ 6;
      asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
    }
    return thread_time() - began;
  }

  const cpu_set_t allowed_ = allowed_processors();
};

}  // namespace sdconnect::bench
