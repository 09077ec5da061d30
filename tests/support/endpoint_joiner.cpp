#include "support/endpoint_joiner.hpp"

#include <algorithm>
#include <bit>

namespace sdconnect {
namespace {

// The part of an index entry that is the position plus one. The rest is part of the hash.
constexpr std::uint64_t owner_position_mask = 0xffffffff;

// More storage than this is not kept for the next answer: otherwise the storage for many different
// answers would add up.
constexpr std::size_t most_values_kept = 16;

template <class T>
void empty(std::vector<T>& values) {
  if (values.capacity() > most_values_kept) values = {};
  values.clear();
}

}  // namespace

// 1. Servers write the addresses in the order of the SRV records: the next set is nearly always the
//    right one.
// 2. Or the previous one, if two records share a target.
// 3. For any other order, builds an index once and searches it.
const rrset* endpoint_joiner::find(family& of, const std::vector<rrset>& sets, const name& target) {
  if (of.next < of.sets.size()) {
    const rrset& next = sets[of.sets[of.next]];
    if (next.owner == target) {
      ++of.next;
      return &next;
    }
  }
  if (of.next > 0) {
    const rrset& before = sets[of.sets[of.next - 1]];
    if (before.owner == target) return &before;
  }
  return look_up(of.type, sets, target);
}

const rrset* endpoint_joiner::look_up(rr_type type, const std::vector<rrset>& sets, const name& target) {
  if (!is_indexed_) {
    is_indexed_ = true;
    index_.assign(std::bit_ceil(2 * sets.size()), 0);
    for (const family* const of : {&v4_, &v6_}) {
      for (const std::uint32_t at : of->sets) {
        const std::uint64_t hash = sets[at].owner.hash();
        std::size_t slot = hash & (index_.size() - 1);
        while (index_[slot] != 0) slot = (slot + 1) & (index_.size() - 1);
        index_[slot] = (hash & ~owner_position_mask) | (at + std::uint64_t{1});
      }
    }
  }
  const std::uint64_t hash = target.hash();
  for (std::size_t slot = hash & (index_.size() - 1); index_[slot] != 0; slot = (slot + 1) & (index_.size() - 1)) {
    if (((index_[slot] ^ hash) & ~owner_position_mask) != 0) continue;
    const rrset& set = sets[(index_[slot] & owner_position_mask) - 1];
    if (set.type == type && set.owner == target) return &set;
  }
  return nullptr;
}

void endpoint_joiner::add_addresses(endpoint& e, const rrset& set) {
  const auto* const found = std::get_if<std::vector<ip_address>>(&set.records);
  if (found == nullptr) return;
  const std::size_t fitting = std::min(found->size(), max_joined_addresses - addresses_);
  for (std::size_t i = 0; i < fitting; ++i) e.addresses.push_back((*found)[i]);
  addresses_ += fitting;
  e.ttl = std::min(e.ttl, set.ttl);
}

std::span<const endpoint> endpoint_joiner::join(const answer& a) {
  const auto* const records = std::get_if<std::vector<srv_record>>(&a.records);
  if (a.status || records == nullptr) return {};
  for (family* const of : {&v4_, &v6_}) {
    of->sets.clear();
    of->next = 0;
  }
  for (std::uint32_t at = 0; at < a.additional.size(); ++at) {
    if (a.additional[at].type == rr_type::a) v4_.sets.push_back(at);
    if (a.additional[at].type == rr_type::aaaa) v6_.sets.push_back(at);
  }
  is_indexed_ = false;
  addresses_ = 0;
  if (endpoints_.size() < records->size()) endpoints_.resize(records->size());

  std::size_t used = 0;
  for (const srv_record& record : *records) {
    if (record.target.is_root() || record.port == 0) continue;
    endpoint& e = endpoints_[used++];
    e.target = record.target;
    e.port = record.port;
    e.priority = record.priority;
    e.weight = record.weight;
    e.ttl = a.ttl;
    empty(e.addresses);
    const rrset* first = v4_.sets.empty() ? nullptr : find(v4_, a.additional, record.target);
    const rrset* second = v6_.sets.empty() ? nullptr : find(v6_, a.additional, record.target);
    if (first != nullptr && second != nullptr && second < first) std::swap(first, second);
    if (first != nullptr) add_addresses(e, *first);
    if (second != nullptr) add_addresses(e, *second);
    e.unresolved = e.addresses.empty() ? error_code(errc::empty_answer) : error_code();
  }
  return {endpoints_.data(), used};
}

}  // namespace sdconnect
