#include "transport/engine/deadline_heap.hpp"

namespace sdconnect::detail {

void deadline_heap::set(key_type key, time_point when) {
  if (key >= positions_.size()) positions_.resize(key + std::size_t{1}, nowhere);
  std::size_t at = positions_[key];
  if (at == nowhere) {
    at = heap_.size();
    heap_.push_back({when, key});
    return rise(at);
  }
  const bool is_earlier = when < heap_[at].when;
  heap_[at].when = when;
  if (is_earlier) return rise(at);
  sink(at);
}

void deadline_heap::remove(key_type key) noexcept {
  if (key >= positions_.size() || positions_[key] == nowhere) return;
  const std::size_t at = positions_[key];
  positions_[key] = nowhere;
  const entry last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  // The last entry takes the free place; it may belong above or below that place.
  const bool is_earlier = last.when < heap_[at].when;
  heap_[at] = last;
  if (is_earlier) return rise(at);
  sink(at);
}

void deadline_heap::rise(std::size_t at) noexcept {
  const entry moving = heap_[at];
  for (; at > 0; at = (at - 1) / 2) {
    const entry& parent = heap_[(at - 1) / 2];
    if (parent.when <= moving.when) break;
    put(at, parent);
  }
  put(at, moving);
}

void deadline_heap::sink(std::size_t at) noexcept {
  const entry moving = heap_[at];
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
    if (moving.when <= heap_[child].when) break;
    put(at, heap_[child]);
    at = child;
  }
  put(at, moving);
}

void deadline_heap::put(std::size_t at, const entry& placed) noexcept {
  heap_[at] = placed;
  positions_[placed.key] = static_cast<std::uint32_t>(at);
}

}  // namespace sdconnect::detail
