// Takes new sets from DNS, and keeps what is known of their endpoints.
#include "balancer/live/balancer_core.hpp"
#include "dns/message/merged_endpoints.hpp"
#include "net/base/jitter.hpp"
#include "sdconnect/balancer/selection.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ranges>
#include <utility>

namespace sdconnect::detail {
namespace {

/// Rows of counters for one endpoint. Threads rarely meet at one of very many endpoints, whose rows
/// would take 13 MiB (FAULTS O7).
std::uint32_t row_count_among(std::size_t endpoints) noexcept { return endpoints <= 1000 ? 4 : 1; }

/// Compares everything except the TTL. Letter case of names counts, because they are displayed.
bool is_same(const endpoint& a, const endpoint& b) noexcept {
  const auto is_same_text = [](const name& x, const name& y) { return std::ranges::equal(x.wire(), y.wire()); };
  return a.port == b.port && a.priority == b.priority && a.weight == b.weight && a.unresolved == b.unresolved &&
         is_same_text(a.target, b.target) && a.addresses == b.addresses &&
         std::ranges::equal(a.instances, b.instances, is_same_text);
}

/// True if none of the known addresses is left, although both sides have a family in common. A
/// family that is missing does not count, since DNS may not have answered for it this time.
bool is_elsewhere(std::span<const ip_address> latest, std::span<const ip_address> known) noexcept {
  const auto has_any = [known](const auto& is_wanted) { return std::ranges::any_of(known, is_wanted); };
  const auto is_kept = [&](const ip_address& one) {
    return has_any([&one](const ip_address& other) { return other == one; });
  };
  const auto has_family = [&](const ip_address& one) {
    return has_any([&one](const ip_address& other) { return other.is_v4() == one.is_v4(); });
  };
  return std::ranges::any_of(latest, has_family) && std::ranges::none_of(latest, is_kept);
}

/// Replaces the known addresses of each family that `latest` has.
void remember(std::span<const ip_address> latest, std::vector<ip_address>& known) {
  for (const bool is_v4 : {true, false}) {
    const auto is_of_family = [is_v4](const ip_address& one) { return one.is_v4() == is_v4; };
    if (std::ranges::any_of(latest, is_of_family)) std::erase_if(known, is_of_family);
  }
  known.insert(known.end(), latest.begin(), latest.end());
}

}  // namespace

std::size_t balancer_core::key_hash::operator()(const std::pair<name, std::uint16_t>& key) const noexcept {
  constexpr std::size_t golden_ratio = 0x9e3779b97f4a7c15;
  return (key.first.hash() ^ key.second) * golden_ratio;
}

void balancer_core::update(std::shared_ptr<const std::vector<endpoint>> endpoints, time_point now) {
  if (!is_merged(*endpoints)) endpoints = std::make_shared<const std::vector<endpoint>>(merge_endpoints(*endpoints));
  const std::lock_guard lock(mutex_);
  now = not_back(now);
  bool is_changed = do_what_is_due(now);
  const auto is_same_as_held = [](const endpoint& a, const balanced_endpoint& b) { return is_same(a, b.where); };
  if (!std::ranges::equal(*endpoints, set_->endpoints, is_same_as_held)) {
    take_set(endpoints, now);
    is_changed = true;
  }
  finish(is_changed, now);
  for (const balanced_endpoint& e : leaving_) let_go(e, now);
  leaving_.clear();
}

void balancer_core::take_set(const std::shared_ptr<const std::vector<endpoint>>& endpoints, time_point now) {
  ++generation_;
  std::erase_if(draining_, [](const balanced_endpoint& e) { return e.record->in_flight() == 0; });

  endpoint_set listed;
  listed.reserve(endpoints->size());
  std::vector<std::uint32_t> health_ids;
  std::vector<std::uint32_t> next_same(endpoints->size(), indexed_set::npos);
  first_positions_.clear();
  for (std::uint32_t at = 0; at < endpoints->size(); ++at) {
    const endpoint& e = (*endpoints)[at];
    entry& known = find_or_add(e, row_count_among(endpoints->size()), now);
    const std::uint32_t id = known.record->health_id_;
    if (id >= first_positions_.size()) first_positions_.resize(id + std::size_t{1}, indexed_set::npos);
    if (known.generation == generation_) {  // the same endpoint under another priority
      next_same[at] = std::exchange(next_same[known.position], at);
      if (is_usable(e)) health_.set_usable(id, true);
    } else {
      known.generation = generation_;
      known.position = first_positions_[id] = at;
      // If the lookup of a target failed, its old addresses may still be valid.
      if (!e.addresses.empty()) {
        if (is_elsewhere(e.addresses, known.addresses)) {
          health_.reset(id, now);
          known.addresses.clear();
        }
        remember(e.addresses, known.addresses);
      }
      health_.set_usable(id, is_usable(e));
    }
    health_ids.push_back(id);
    listed.emplace_back(std::shared_ptr<const endpoint>(endpoints, &e), known.record);
  }
  std::erase_if(entries_, [&](const auto& item) {
    if (item.second.generation == generation_) return false;
    health_.remove(item.second.record->health_id_);
    leaving_.push_back(set_->endpoints[item.second.position]);
    return true;
  });
  health_.advance(now);  // the last endpoint in use may have left
  for (std::size_t at = 0; at < listed.size(); ++at) set_state(*listed[at].record, health_.of(health_ids[at]).state);

  const bool needs_identities = options_.policy == selection_policy::hash || is_reshuffling();
  auto made = std::make_shared<indexed_set>(index_endpoints(std::move(listed), needs_identities));
  made->health_ids = std::move(health_ids);
  made->next_same = std::move(next_same);

  std::vector<tier_memory> memory;
  for (const tier_range& tier : made->tiers) {
    const auto before = std::ranges::find(memory_, tier.priority, &tier_memory::priority);
    memory.push_back(before != memory_.end() ? *before : tier_memory{tier.priority});
  }
  memory_ = std::move(memory);
  counts_.assign(made->tiers.size(), {});
  published_health_.assign(made->endpoints.size(), {1000, health_state::up});
  for (const candidate& c : made->candidates) counts_[made->tier_of[c.index]].add(health_state::up);
  serving_ = static_cast<std::uint32_t>(made->candidates.size());
  trials_ = 0;
  set_ = std::move(made);
  publish_all_health();
  reshuffle(now);
}

balancer_core::entry& balancer_core::find_or_add(const endpoint& e, std::uint32_t row_count, time_point now) {
  const auto [found, is_new] = entries_.try_emplace({e.target, e.port});
  entry& known = found->second;
  if (!is_new) return known;

  // An endpoint that comes back while uses are held keeps its record, so that they stay counted.
  const auto left = std::ranges::find_if(
      draining_, [&](const balanced_endpoint& d) { return endpoint_key(d.where) == endpoint_key(e); });
  if (left != draining_.end()) {
    known.record = std::move(left->record);
    draining_.erase(left);
    known.record->drain_end_.store(time_point::max().time_since_epoch().count(), std::memory_order_relaxed);
    known.record->is_draining_.store(false);
  } else {
    known.record = std::make_shared<endpoint_record>(row_count);
  }
  known.record->health_id_ = health_.add(now);
  return known;
}

/// Marks an endpoint as draining. A request that then finds it gone also finds the newer set, since
/// update() publishes that set before.
void balancer_core::let_go(const balanced_endpoint& leaving, time_point now) {
  endpoint_record& record = *leaving.record;
  const bool has_deadline = options_.drain_deadline.count() > 0;
  const time_point end = has_deadline ? now + options_.drain_deadline : time_point::max();
  record.drain_end_.store(end.time_since_epoch().count(), std::memory_order_relaxed);
  record.state_.store(health_state::up, std::memory_order_relaxed);
  record.is_draining_.store(true);  // from here on, enter() sees this and backs out
  if (record.in_flight() > 0) draining_.push_back(leaving);
}

bool balancer_core::is_reshuffling() const noexcept {
  return options_.policy == selection_policy::ordered && options_.reshuffle.count() > 0;
}

/// Gives equal endpoints an order that depends only on each endpoint and on a random number, which
/// is drawn anew each time. So it does not depend on the rest of the set: a refresh moves no
/// endpoint.
void balancer_core::reshuffle(time_point now) {
  if (!is_reshuffling()) return;
  if (reshuffle_at_ <= now || shuffled_ == nullptr) {
    // The first period has a random length, so that clients that started together do not stay in
    // step.
    const double part = shuffled_ == nullptr ? uniform_share(random_) : 0.8 + 0.4 * uniform_share(random_);
    reshuffle_at_ = now + std::chrono::duration_cast<time_point::duration>(options_.reshuffle * part);
    shuffle_salt_ = random_();
  }
  const indexed_set& set = *set_;
  std::vector<std::uint32_t> positions(set.endpoints.size());
  std::iota(positions.begin(), positions.end(), 0U);
  const auto rank_of = [&](std::uint32_t at) { return random_engine(set.identities[at] ^ shuffle_salt_)(); };
  std::ranges::stable_sort(positions, [&](std::uint32_t a, std::uint32_t b) {
    const endpoint& x = set.endpoints[a].where;
    const endpoint& y = set.endpoints[b].where;
    if (x.priority != y.priority || x.weight != y.weight) return a < b;
    return rank_of(a) < rank_of(b);
  });
  shuffled_ = std::make_shared<const std::vector<std::uint32_t>>(std::move(positions));
}

std::vector<double> balancer_core::shares() const {
  std::vector<double> shares(set_->endpoints.size());
  for (std::uint32_t i = 0; i < published_->count; ++i) {
    const alias_column& column = published_->columns[i];
    const double own = std::ldexp(column.threshold, -32) / published_->count;
    shares[published_->first + i] += own;
    shares[published_->first + column.alias] += 1.0 / published_->count - own;
  }
  return shares;
}

std::vector<endpoint_status> balancer_core::status() const {
  const std::lock_guard lock(mutex_);
  const std::vector<double> chances = shares();
  std::vector<endpoint_status> all;
  all.reserve(chances.size() + draining_.size());
  for (std::size_t at = 0; at < chances.size(); ++at) {
    const balanced_endpoint& e = set_->endpoints[at];
    all.push_back({e.where, health_.of(set_->health_ids[at]), e.record->stats(), chances[at], false});
  }
  for (const balanced_endpoint& e : draining_) {
    if (e.record->in_flight() > 0) all.push_back({e.where, {}, e.record->stats(), 0, true});
  }
  return all;
}

}  // namespace sdconnect::detail
