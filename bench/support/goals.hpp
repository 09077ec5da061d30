/// \file
/// What benchmarks that compare with goals share: the processor's time of a thread, medians, and
/// the line for each goal.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace sdconnect::bench {

/// NAME VALUE GOAL ok|short
inline void print_goal(const std::string& name, double value, const char* relation, double goal) {
  const bool is_met = *relation == '<' ? value <= goal : value >= goal;
  std::printf("%s %.4g %s%g %s\n", name.c_str(), value, relation, goal, is_met ? "ok" : "short");
}

/// 0 for nothing.
inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Of runs that are neighbours in time, so that both saw the same machine.
inline double median_ratio(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) ratios.push_back(a[i] / b[i]);
  return median(std::move(ratios));
}

/// ns that this thread had a processor, without the time in which others had it.
inline double thread_time() {
  std::timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// The compiler has to have `value` ready, and has to look at memory again.
template <class Value>
inline void keep(Value value) {
  asm volatile("" : : "r"(value) : "memory");
}

}  // namespace sdconnect::bench
