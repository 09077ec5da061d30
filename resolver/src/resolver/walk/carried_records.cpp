#include "resolver/walk/carried_records.hpp"

#include "cache/heap_size.hpp"

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace sdconnect::detail {
namespace {

constexpr std::size_t most_carried_bytes = std::size_t{4} << 20;

bool is_address_type(rr_type type) noexcept { return type == rr_type::a || type == rr_type::aaaa; }

void add_targets(std::unordered_set<name>& hosts, const rrset_data& data) {
  if (const auto* records = std::get_if<std::vector<srv_record>>(&data)) {
    for (const srv_record& record : *records) hosts.insert(record.target);
  }
}

}  // namespace

void carried_records::remember(const question& asked, const lookup& from) {
  if (!from.data || from.data->additional.empty()) return;
  const std::size_t bytes = heap_size(*from.data);
  if (bytes_ + bytes > most_carried_bytes) return;
  std::unordered_set<name> instances, hosts;
  if (asked.type == rr_type::ptr) {
    const auto& targets = std::get<std::vector<name>>(from.data->records);
    instances.insert(targets.begin(), targets.end());
    for (const rrset& set : from.data->additional) {
      if (set.type == rr_type::srv && instances.contains(set.owner)) add_targets(hosts, set.records);
    }
  }
  add_targets(hosts, from.data->records);

  bool is_used = false;
  for (std::size_t i = 0; i < from.data->additional.size(); ++i) {
    const rrset& set = from.data->additional[i];
    const bool is_of_instance = set.type == rr_type::srv || set.type == rr_type::txt;
    const bool is_led_to =
        is_of_instance ? instances.contains(set.owner) : is_address_type(set.type) && hosts.contains(set.owner);
    if (!is_led_to) continue;
    is_used = true;
    place here{from.data, i, from.received, from.from_cache, from.stale};
    const auto [entry, is_new] = places_.try_emplace({set.owner, set.type}, here);
    if (!is_new && entry->second.received < here.received) entry->second = std::move(here);
  }
  if (is_used) bytes_ += bytes;
}

lookup carried_records::place::as_lookup() const {
  auto data = std::make_shared<answer>();
  data->canonical = records().owner;
  data->records = records().records;
  data->ttl = records().ttl;
  lookup out;
  out.data = std::move(data);
  out.from_cache = from_cache;
  out.received = received;
  return out;
}

boot_clock::time_point carried_records::place::good_until(std::chrono::milliseconds min_interval) const noexcept {
  return received + std::max<std::chrono::milliseconds>(records().ttl, min_interval);
}

std::optional<lookup> carried_records::find(const question& q, time_point now) const {
  const auto found = places_.find(q);
  if (found == places_.end() || found->second.in->authenticated || found->second.stale) return std::nullopt;
  const place& at = found->second;
  lookup out = at.as_lookup();
  const time_point good_until = at.good_until(min_interval_);
  const bool has_term = terms_ != nullptr && q.type != rr_type::txt;
  out.expires = has_term ? std::min(good_until, terms_->end_of(q, good_until)) : good_until;
  out.again_at = out.expires;
  if (is_ahead_) out.again_at -= (good_until - at.received) / 40;
  const bool is_first = out.expires == good_until;
  if ((at.from_cache || !is_first) && now >= out.again_at) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::seconds>(at.received + at.records().ttl - now);
  out.ttl = std::max(left, std::chrono::seconds(0));
  return out;
}

std::optional<lookup> carried_records::find_stale(const question& q, error_code failure) const {
  const auto found = places_.find(q);
  if (found == places_.end()) return std::nullopt;
  lookup out = found->second.as_lookup();
  out.ttl = stale_ttl;
  out.stale = true;
  out.failure = failure;
  return out;
}

}  // namespace sdconnect::detail
