#include "resolver/lookup/held_answers.hpp"

#include "cache/heap_size.hpp"
#include "net/base/saturating.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace sdconnect::detail {

namespace {

// What is held is limited like a cache: what does not fit is asked for again by the next walk.
constexpr std::size_t most_held_bytes = std::size_t{4} << 20;

// More questions than the largest service has. Forgetting them only delays a "no" by one refresh.
constexpr std::size_t most_remembered = 50'000;

}  // namespace

void held_answers::remember(const question& q, lookup& fresh, time_point now, std::uint32_t random) {
  const bool says_nothing = note_unproven(q, fresh);
  if (!says_nothing && (fresh.failure || !fresh.data)) return;  // a failure has its own back-off
  const std::chrono::nanoseconds fifth = saturated<std::chrono::nanoseconds>(min_interval_) / 5;
  const std::chrono::nanoseconds drawn = fifth / 65536 * (random >> 16);
  const time_point end = later(says_nothing ? now : fresh.received, min_interval_);
  const time_point first_allowed = pace_ == pace::on_time ? later(end, drawn) : end - fifth / 4 - drawn / 4 * 3;
  if (fresh.again_at >= first_allowed || first_allowed <= now) return;
  fresh.again_at = first_allowed;
  fresh.expires = std::max(fresh.expires, std::max(end, first_allowed));
  const std::size_t bytes = sizeof(question) + sizeof(entry) + (fresh.data ? heap_size(*fresh.data) : 0);
  if (bytes_ + bytes > most_held_bytes) return;
  lookup kept = fresh;
  kept.from_cache = kept.report.from_cache = true;
  kept.report.attempts.clear();
  const auto [at, is_new] = held_.try_emplace(q);
  bytes_ += bytes - at->second.bytes;
  at->second = entry{std::move(kept), first_allowed, bytes};
}

// Returns true for NODATA without a SOA, also if the lookup table returns older data in its place.
bool held_answers::note_unproven(const question& q, lookup& fresh) {
  const std::size_t key = std::hash<question>()(q);
  if (!fresh.unproven && fresh.failure != errc::empty_answer) {
    if (!fresh.failure) said_nothing_.erase(key);
    return false;
  }
  if (said_nothing_.size() >= most_remembered) said_nothing_.clear();
  const bool is_first = said_nothing_.insert(key).second;
  if (fresh.unproven && is_first && is_cautious_) fresh.status = errc::empty_answer;
  return fresh.data != nullptr;
}

void held_answers::clear() {
  held_.clear();
  bytes_ = 0;
}

std::chrono::milliseconds held_answers::longest_interval() const noexcept {
  const auto end = std::chrono::milliseconds::max() - min_interval_ / 5;
  return pace_ == pace::on_time && min_interval_ <= end ? min_interval_ + min_interval_ / 5 : min_interval_;
}

const lookup* held_answers::find(const question& q, time_point now) const {
  const auto found = held_.find(q);
  return found == held_.end() || now >= found->second.until ? nullptr : &found->second.kept;
}

void held_answers::remove_expired(time_point now) {
  std::erase_if(held_, [&](const auto& held) {
    if (now < held.second.until) return false;
    bytes_ -= held.second.bytes;
    return true;
  });
}

}  // namespace sdconnect::detail
