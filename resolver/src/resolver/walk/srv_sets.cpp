#include "resolver/walk/srv_sets.hpp"

#include "sdconnect/resolver/service.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace sdconnect::detail {
namespace {

constexpr std::size_t most_srv_records = 2 * max_endpoints;

bool is_earlier(const srv_record& a, const srv_record& b) {
  return std::tie(a.priority, a.target, a.port, a.weight) < std::tie(b.priority, b.target, b.port, b.weight);
}

std::size_t hash_of(const srv_set& set) {
  std::size_t hash = set.size();
  for (const srv_record& r : set) {
    hash = hash * 31 + r.target.hash();
    hash = hash * 31 + (std::size_t{r.priority} << 32 | std::size_t{r.port} << 16 | r.weight);
  }
  return hash;
}

}  // namespace

void make_set(std::vector<srv_record>& records) {
  std::sort(records.begin(), records.end(), is_earlier);
  records.erase(std::unique(records.begin(), records.end()), records.end());
}

std::pair<srv_sets::id, bool> srv_sets::add(srv_set set) {
  cut(set);
  const std::size_t hash = hash_of(set);
  const auto [first, last] = by_hash_.equal_range(hash);
  const auto same = std::find_if(first, last, [&](const auto& known) { return *sets_[known.second] == set; });
  if (same != last) return {same->second, false};

  const id number = sets_.size();
  count_ += set.size();
  set.shrink_to_fit();
  sets_.push_back(std::make_shared<const srv_set>(std::move(set)));
  by_hash_.emplace(hash, number);
  if (count_ > most_srv_records) drop_last();
  return {number, true};
}

void srv_sets::cut(srv_set& set) {
  if (!limit_) return;
  const auto end = std::lower_bound(set.begin(), set.end(), *limit_, is_earlier);
  dropped_ += static_cast<std::size_t>(set.end() - end);
  set.erase(end, set.end());
}

// Drops down to half of the limit, so that a new set does not begin this again. Sets that were
// handed out stay as they are.
void srv_sets::drop_last() {
  std::vector<const srv_record*> all;
  all.reserve(count_);
  for (const auto& set : sets_) {
    std::ranges::transform(*set, std::back_inserter(all), [](const srv_record& r) { return &r; });
  }
  const auto nth = all.begin() + static_cast<std::ptrdiff_t>(max_endpoints);
  std::nth_element(all.begin(), nth, all.end(),
                   [](const srv_record* a, const srv_record* b) { return is_earlier(*a, *b); });
  limit_ = **nth;

  by_hash_.clear();
  count_ = 0;
  for (id number = 0; number < sets_.size(); ++number) {
    srv_set kept = *sets_[number];
    cut(kept);
    if (kept.size() < sets_[number]->size()) sets_[number] = std::make_shared<const srv_set>(kept);
    count_ += sets_[number]->size();
    by_hash_.emplace(hash_of(*sets_[number]), number);
  }
}

}  // namespace sdconnect::detail
