#include "cache/question_table.hpp"

namespace sdconnect::detail {
namespace {

constexpr std::size_t first_buckets = 64;

}  // namespace

question_table::question_table() : buckets_(first_buckets), mask_(first_buckets - 1) {}

cache_entry* question_table::find(const question& q) noexcept {
  const std::size_t hash = q.qname.hash();
  for (cache_entry* e = buckets_[hash & mask_]; e != nullptr; e = e->next) {
    if (e->hash == hash && e->type == q.type && e->owner == q.qname) return e;
  }
  return nullptr;
}

cache_entry& question_table::find_or_add(const question& q) {
  if (cache_entry* const found = find(q)) return *found;
  if (size() == buckets_.size()) grow();
  cache_entry& e = by_use_.emplace_front();
  e.self = by_use_.begin();
  e.hash = q.qname.hash();
  e.type = q.type;
  e.owner = q.qname;
  e.bytes = empty_entry_bytes;
  bytes_ += e.bytes;
  cache_entry*& bucket = buckets_[e.hash & mask_];
  e.next = bucket;
  bucket = &e;
  return e;
}

void question_table::account(cache_entry& e, std::size_t bytes) noexcept {
  bytes_ -= e.bytes;
  e.bytes = empty_entry_bytes + bytes;
  bytes_ += e.bytes;
}

void question_table::erase_least_used() noexcept {
  cache_entry& last = by_use_.back();
  cache_entry** link = &buckets_[last.hash & mask_];
  while (*link != &last) link = &(*link)->next;
  *link = last.next;
  bytes_ -= last.bytes;
  by_use_.pop_back();
}

void question_table::clear() noexcept {
  by_use_.clear();
  buckets_.assign(buckets_.size(), nullptr);
  bytes_ = 0;
}

void question_table::grow() {
  std::vector<cache_entry*> wider(buckets_.size() * 2);
  const std::size_t mask = wider.size() - 1;
  for (cache_entry& e : by_use_) {
    cache_entry*& bucket = wider[e.hash & mask];
    e.next = bucket;
    bucket = &e;
  }
  buckets_ = std::move(wider);
  mask_ = mask;
}

}  // namespace sdconnect::detail
