/// \file
/// The cache's hash table: entries by question, in the order of their use. It does not handle TTLs.
#pragma once

#include "sdconnect/cache/answer_cache.hpp"

#include <cstddef>
#include <list>
#include <vector>

namespace sdconnect::detail {

/// The cache entry of one question, and the data that must outlive its answer.
struct cache_entry {
  std::size_t hash = 0;
  cache_entry* next = nullptr;  // in the same bucket
  std::list<cache_entry>::iterator self;
  std::size_t bytes = 0;
  rr_type type{};
  bool is_answered = false;  // held.asked is valid, even if the answer is no longer held
  bool is_nxdomain = false;  // the latest answer was NXDOMAIN
  cached_answer held;
  name owner;  // last, because only the first of its 256 octets are read
};

/// A lookup takes one hash, one chain of about one entry and one move in a list, whatever the size.
/// The hash covers only the name, so that all types of a name are in one chain.
class question_table {
 public:
  question_table();
  question_table(const question_table&) = delete;
  question_table& operator=(const question_table&) = delete;

  /// Does not count as use. Does not allocate.
  [[nodiscard]] cache_entry* find(const question& q) noexcept;
  [[nodiscard]] cache_entry& find_or_add(const question& q);

  /// Whether `holds` is true for an entry of any type with the name of `e`, `e` included.
  template <class Predicate>
  [[nodiscard]] bool any_type(const cache_entry& e, Predicate holds) const {
    for (const cache_entry* other = buckets_[e.hash & mask_]; other != nullptr; other = other->next) {
      if (other->hash == e.hash && holds(*other) && other->owner == e.owner) return true;
    }
    return false;
  }

  /// Makes `e` the most recently used entry.
  void touch(cache_entry& e) noexcept { by_use_.splice(by_use_.begin(), by_use_, e.self); }
  /// Sets the heap size that `e` uses in addition to the entry itself.
  void account(cache_entry& e, std::size_t bytes) noexcept;
  /// REQUIRES: size() > 0.
  void erase_least_used() noexcept;
  void clear() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return by_use_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  void grow();

  std::list<cache_entry> by_use_;  // the most recent first
  std::vector<cache_entry*> buckets_;
  std::size_t mask_ = 0;  // number of buckets, a power of two, minus one
  std::size_t bytes_ = 0;
};

/// Size of an entry without an answer: itself, its links in the list and the buckets, and the
/// allocator's overhead.
inline constexpr std::size_t empty_entry_bytes = sizeof(cache_entry) + 6 * sizeof(void*);

}  // namespace sdconnect::detail
