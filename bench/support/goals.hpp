/// \file
/// Common parts of benchmarks with goals: the CPU time of a thread, medians, and the line for each
/// goal.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace sdconnect::bench {

/// Prints "NAME VALUE GOAL ok|short".
inline void print_goal(const std::string& name, double value, const char* relation, double goal) {
  const bool is_met = *relation == '<' ? value <= goal : value >= goal;
  std::printf("%s %.4g %s%g %s\n", name.c_str(), value, relation, goal, is_met ? "ok" : "short");
}

/// Returns 0 for an empty list.
inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Median of the ratios of runs that are adjacent in time, so that both saw the same state of the
/// machine.
inline double median_ratio(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) ratios.push_back(a[i] / b[i]);
  return median(std::move(ratios));
}

/// CPU time of this thread in ns, without the time in which others used the processor.
inline double thread_time() {
  std::timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Forces the compiler to compute `value` and to reload memory.
template <class Value>
inline void keep(Value value) {
  asm volatile("" : : "r"(value) : "memory");
}

}  // namespace sdconnect::bench
