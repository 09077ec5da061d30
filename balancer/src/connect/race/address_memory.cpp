#include "connect/race/address_memory.hpp"

#include <algorithm>

namespace sdconnect::detail {

// Keeps one entry for each address, the latest.
void address_memory::note(const endpoint& of, const ip_address& address, outcome_kind outcome, time_point now) {
  if (says_nothing(outcome)) return;
  const auto at = failures_.find({of.target, of.port});
  if (at != failures_.end()) {
    std::erase_if(at->second, [&](const failure& f) { return f.address == address; });
    if (at->second.empty()) failures_.erase(at);
  }
  if (outcome != outcome_kind::connected) failures_[{of.target, of.port}].push_back({address, now});
}

bool address_memory::failed_lately(const endpoint& of, const ip_address& address, time_point now) const {
  if (failures_.empty()) return false;
  const auto at = failures_.find({of.target, of.port});
  return at != failures_.end() && std::ranges::any_of(at->second, [&](const failure& f) {
           return f.address == address && now - f.when < lately;
         });
}

std::uint64_t address_memory::turn(const endpoint& of) const {
  if (turns_.empty()) return first_turn_;
  const auto at = turns_.find({of.target, of.port});
  return at == turns_.end() ? first_turn_ : at->second;
}

void address_memory::take_turn(const endpoint& of) {
  if (of.addresses.size() < 2) return;
  ++turns_.try_emplace({of.target, of.port}, first_turn_).first->second;
}

void address_memory::keep_listed(std::span<const endpoint> listed) {
  keep_turns(listed);
  if (failures_.empty()) return;
  decltype(failures_) kept;
  for (const endpoint& e : listed) {
    const auto at = failures_.find({e.target, e.port});
    if (at == failures_.end()) continue;
    for (const failure& f : at->second) {
      const bool is_listed =
          std::ranges::any_of(e.addresses, [&](const ip_address& a) { return a.unmapped() == f.address; });
      if (is_listed) kept[at->first].push_back(f);
    }
  }
  failures_ = std::move(kept);
}

void address_memory::keep_turns(std::span<const endpoint> listed) {
  if (turns_.empty()) return;
  decltype(turns_) kept;
  for (const endpoint& e : listed) {
    if (const auto at = turns_.find({e.target, e.port}); at != turns_.end()) kept.insert(*at);
  }
  turns_ = std::move(kept);
}

}  // namespace sdconnect::detail
