/// \file
/// The table behind the cache: entries by question, in the order of their use. It knows nothing of
/// TTLs.
#pragma once

#include "sdconnect/cache/answer_cache.hpp"

#include <cstddef>
#include <list>
#include <vector>

namespace sdconnect::detail {

/// What is held for one question, and what of it must outlive the answer.
struct cache_entry {
  std::size_t hash = 0;
  cache_entry* next = nullptr;  // of the same bucket
  std::list<cache_entry>::iterator self;
  std::size_t bytes = 0;
  rr_type type{};
  bool is_answered = false;  // held.asked means something, even when the answer is no longer held
  bool is_nxdomain = false;  // that answer was NXDOMAIN
  cached_answer held;
  name owner;  // last: of its 256 octets only the first are read
};

/// Finding is one hash, one chain of about one entry and one move in a list, whatever the size. The
/// hash is of the name alone, so that all types of a name stand in one chain.
class question_table {
 public:
  question_table();
  question_table(const question_table&) = delete;
  question_table& operator=(const question_table&) = delete;

  /// Does not count as use. No allocation.
  [[nodiscard]] cache_entry* find(const question& q) noexcept;
  [[nodiscard]] cache_entry& find_or_add(const question& q);

  /// Whether `holds` is true of an entry for any type of the name of `e`, itself included.
  template <class Predicate>
  [[nodiscard]] bool any_type(const cache_entry& e, Predicate holds) const {
    for (const cache_entry* other = buckets_[e.hash & mask_]; other != nullptr; other = other->next) {
      if (other->hash == e.hash && holds(*other) && other->owner == e.owner) return true;
    }
    return false;
  }

  /// `e` becomes the most recently used.
  void touch(cache_entry& e) noexcept { by_use_.splice(by_use_.begin(), by_use_, e.self); }
  /// Accounts for the heap now held by `e`, on top of the entry itself.
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
  std::size_t mask_ = 0;  // the number of buckets, a power of two, less one
  std::size_t bytes_ = 0;
};

/// An entry without any answer: itself, its links in the list and the buckets, and what the
/// allocator adds.
inline constexpr std::size_t empty_entry_bytes = sizeof(cache_entry) + 6 * sizeof(void*);

}  // namespace sdconnect::detail
