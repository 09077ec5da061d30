/// \file
/// Pending events in simulated time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sdconnect::bench {

using sim_time = std::chrono::steady_clock::time_point;
using sim_duration = std::chrono::steady_clock::duration;

/// Sorted by time. Events with the same time keep the order in which they were pushed, so that a
/// run repeats exactly.
template <class Event>
class event_queue {
 public:
  void push(sim_time at, Event what) {
    heap_.push_back({at, pushed_++, std::move(what)});
    std::push_heap(heap_.begin(), heap_.end(), is_later);
  }

  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  /// REQUIRES: not empty().
  [[nodiscard]] sim_time next_time() const noexcept { return heap_.front().at; }
  /// REQUIRES: not empty().
  Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), is_later);
    Event what = std::move(heap_.back().what);
    heap_.pop_back();
    return what;
  }

 private:
  struct entry {
    sim_time at;
    std::uint64_t number;
    Event what;
  };
  static bool is_later(const entry& a, const entry& b) noexcept {
    return a.at != b.at ? a.at > b.at : a.number > b.number;
  }

  std::vector<entry> heap_;
  std::uint64_t pushed_ = 0;
};

}  // namespace sdconnect::bench
