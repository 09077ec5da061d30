#include "resolver/watch_machine.hpp"

#include "resolver/view_difference.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace sdconnect {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds longest_retry{5};
constexpr milliseconds shortest_pause{100};     // between walks, whatever their conclusions say
constexpr milliseconds failing_pause{500};      // many questions, each with a back-off of its own, share walks
constexpr std::uint32_t longest_jitter = 1000;  // ms, after a resume: a rack that wakes together asks spread out

bool is_uncertain(error_code ec) noexcept { return ec && ec != condition::absent; }

bool is_usable(const service& s) {
  return std::ranges::any_of(s.endpoints, [](const endpoint& e) { return !e.addresses.empty(); });
}

// Adds the addresses last known of the families that nothing is known of now.
bool keep_addresses(walk::part& p, const endpoint& last) {
  bool kept = false;
  for (const ip_address& address : last.addresses) {
    const bool is_missing = address.is_v4() ? p.ipv4_unknown : p.ipv6_unknown;
    if (!is_missing || std::ranges::find(p.where.addresses, address) != p.where.addresses.end()) continue;
    p.where.addresses.push_back(address);
    kept = true;
  }
  if (kept) p.where.unresolved = {};
  return kept;
}

bool has_same_instances(const service& a, const service& b) {
  const auto is_same = [](const service_instance& x, const service_instance& y) {
    return x.fullname == y.fullname && x.status == y.status && x.txt == y.txt;
  };
  return std::ranges::equal(a.instances, b.instances, is_same);
}

}  // namespace

watch_machine::watch_machine(const service_query& query) {
  service nothing;
  nothing.query = query.qname;
  view_ = told_view_ = std::make_shared<const service>(std::move(nothing));
}

// A name that was an instance may still be one while nobody can tell its SRV records.
bool watch_machine::keeps_everything(const walk::conclusion& result) const noexcept {
  if (result.is_kind_known) return false;
  return result.found.kind == service_kind::none || (is_known_ && view_->kind == service_kind::instance);
}

void watch_machine::on_walk(walk::conclusion result, time_point begun, time_point now) {
  has_walked_ = true;
  schedule(result, begun, now);
  if (result.failure) reason_ = result.failure;

  if (keeps_everything(result)) {
    if (!result.failure) reason_ = result.status;
    if (!is_known_) status_ = result.status;
    const knowledge level = is_known_ ? knowledge::stale : knowledge::unknown;
    // What was learned and tried belongs into a view that holds nothing else.
    if (level != knowledge_) publish(is_known_ ? service(*view_) : std::move(result.found), level);
    return;
  }
  const bool has_kept = is_known_ && merge(result);
  is_known_ = true;
  parts_ = std::move(result.parts);
  std::vector<endpoint> endpoints;
  endpoints.reserve(parts_.size());
  for (const walk::part& p : parts_) endpoints.push_back(p.where);
  service next = std::move(result.found);
  next.endpoints = walk::merged(std::move(endpoints)).first;
  // The order of PTR records is the server's whim.
  std::ranges::sort(next.instances, [](const auto& a, const auto& b) { return a.fullname < b.fullname; });
  status_ = is_usable(next) ? error_code() : result.status;
  const bool is_stale = next.stale || has_kept;
  publish(std::move(next), is_stale ? knowledge::stale : result.failure ? knowledge::unknown : knowledge::complete);
}

// Rule 4. True when something was kept that the walk did not find.
bool watch_machine::merge(walk::conclusion& result) {
  bool has_kept = false;
  std::unordered_map<name, const service_instance*> last_instances;
  for (const service_instance& instance : view_->instances) last_instances.emplace(instance.fullname, &instance);
  std::unordered_map<name, std::vector<const walk::part*>> parts_of_instance;
  std::unordered_map<name, const endpoint*> last_targets;
  for (const walk::part& p : parts_) {
    if (!p.where.instances.empty()) parts_of_instance[p.where.instances.front()].push_back(&p);
    if (!p.where.addresses.empty()) last_targets.emplace(p.where.target, &p.where);
  }

  for (walk::part& p : result.parts) {
    if (!p.ipv4_unknown && !p.ipv6_unknown) continue;
    const auto last = last_targets.find(p.where.target);
    if (last != last_targets.end() && keep_addresses(p, *last->second)) has_kept = true;
  }
  for (service_instance& instance : result.found.instances) {
    const auto last = last_instances.find(instance.fullname);
    if (last == last_instances.end()) continue;
    if (instance.txt_status && !last->second->txt_status) {
      instance.txt = last->second->txt;
      instance.txt_status = {};
      has_kept = true;
    }
    if (!is_uncertain(instance.status)) continue;
    instance.status = last->second->status;
    has_kept = true;
    const auto kept = parts_of_instance.find(instance.fullname);
    if (kept == parts_of_instance.end()) continue;
    for (const walk::part* p : kept->second) result.parts.push_back(*p);
  }
  return has_kept;
}

void watch_machine::publish(service next, knowledge level) {
  next.stale = level == knowledge::stale;
  const bool is_same = level == knowledge_ && has_same_instances(*view_, next) && differences(*view_, next).empty();
  if (!is_same) {
    view_ = std::make_shared<const service>(std::move(next));
    ++changes_;
  }
  knowledge_ = level;
}

void watch_machine::schedule(const walk::conclusion& result, time_point begun, time_point now) {
  next_walk_ = result.again_at;
  if (result.failure) next_walk_ = std::min(next_walk_.value_or(now + longest_retry), now + longest_retry);
  if (begun < renewed_) next_walk_ = std::min(next_walk_.value_or(walk_after_renewal_), walk_after_renewal_);
  const milliseconds pause = result.failure ? failing_pause : shortest_pause;
  if (next_walk_) next_walk_ = std::max({*next_walk_, begun + pause, now});
}

void watch_machine::renew(time_point now, std::uint32_t random) {
  renewed_ = now;
  walk_after_renewal_ = now + milliseconds(random % (longest_jitter + 1));
  if (next_walk_) next_walk_ = std::min(*next_walk_, walk_after_renewal_);
}

std::optional<watch_update> watch_machine::take(time_point now) {
  if (!has_walked_ || (is_told_ && changes_ == 0)) return std::nullopt;
  watch_update update;
  update.events = differences(*told_view_, *view_);
  tell_knowledge(update.events);
  update.view = view_;
  update.status = status_;
  update.time = now;
  update.merged = std::max(changes_, 1u);
  const bool is_worth_telling = !is_told_ || !update.events.empty();
  told_view_ = view_;
  told_knowledge_ = knowledge_;
  is_told_ = true;
  changes_ = 0;
  return is_worth_telling ? std::optional(std::move(update)) : std::nullopt;
}

void watch_machine::tell_knowledge(std::vector<watch_event>& events) const {
  if (knowledge_ == told_knowledge_) return;
  const auto tell = [&](watch_event_kind kind) {
    watch_event event{.kind = kind};
    if (kind != watch_event_kind::recovered) event.reason = reason_;
    events.push_back(std::move(event));
  };
  switch (knowledge_) {
    case knowledge::complete: return tell(watch_event_kind::recovered);
    case knowledge::unknown:
      if (told_knowledge_ == knowledge::stale) return;  // partly fresh again is no new trouble
      return tell(watch_event_kind::unknown);
    case knowledge::stale:
      if (told_knowledge_ == knowledge::complete) tell(watch_event_kind::unknown);
      return tell(watch_event_kind::stale);
  }
}

}  // namespace sdconnect
