#include "support/heap_meter.hpp"

#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

struct counters {
  std::ptrdiff_t in_use = 0;
  std::ptrdiff_t peak = 0;
  std::size_t allocations = 0;
};
thread_local counters counted;

void* counted_malloc(std::size_t size) noexcept {
  void* const memory = std::malloc(size);
  if (memory == nullptr) return nullptr;
  counted.in_use += static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
  counted.peak = std::max(counted.peak, counted.in_use);
  ++counted.allocations;
  return memory;
}

}  // namespace

// The array forms of the standard library call these. Under AddressSanitizer the array forms are
// its own, so they are not counted; over-aligned memory is never counted.
void* operator new(std::size_t size) {
  if (void* const memory = counted_malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted_malloc(size); }

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  counted.in_use -= static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { operator delete(memory); }

namespace sdconnect::test {

heap_meter::heap_meter() noexcept { counted = {}; }

bool heap_meter::is_counting() {
#if defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
  return !__has_feature(thread_sanitizer);
#else
  return true;
#endif
}

std::size_t heap_meter::peak() const noexcept { return static_cast<std::size_t>(counted.peak); }

std::size_t heap_meter::in_use() const noexcept { return static_cast<std::size_t>(counted.in_use); }

std::size_t heap_meter::allocations() const noexcept { return counted.allocations; }

}  // namespace sdconnect::test
