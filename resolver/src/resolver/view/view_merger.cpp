#include "resolver/view/view_merger.hpp"

#include "resolver/view/view_difference.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace sdconnect::detail {
namespace {

bool is_uncertain(error_code ec) noexcept { return ec && ec != condition::absent; }

bool is_usable(const service& s) {
  return std::ranges::any_of(s.endpoints, [](const endpoint& e) { return !e.addresses.empty(); });
}

// Adds the last known addresses of the families that are unknown now.
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

view_merger::view_merger(const name& query) {
  service nothing;
  nothing.query = query;
  view_ = told_view_ = std::make_shared<const service>(std::move(nothing));
}

// A name that was an instance may still be one while its SRV records are unknown.
bool view_merger::keeps_everything(const walk::conclusion& result) const noexcept {
  if (result.is_kind_known) return false;
  return result.found.kind == service_kind::none || (is_known_ && view_->kind == service_kind::instance);
}

void view_merger::on_walk(walk::conclusion result, walk_state state) {
  const bool has_ended = state == walk_state::ended;
  if (!has_ended && !result.is_kind_known) return;
  has_walked_ = true;
  if (result.failure && has_ended) reason_ = result.failure;

  if (keeps_everything(result)) {
    if (!result.failure) reason_ = result.status;
    if (!is_known_) status_ = result.status;
    const knowledge level = is_known_ ? knowledge::stale : knowledge::unknown;
    // A view that holds nothing else shows what was learned and tried.
    if (level != knowledge_ || !is_known_) publish(is_known_ ? service(*view_) : std::move(result.found), level);
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
  // The order of PTR records depends on the server.
  std::ranges::sort(next.instances, [](const auto& a, const auto& b) { return a.fullname < b.fullname; });
  status_ = is_usable(next) ? error_code() : result.status;
  knowledge level = knowledge::complete;
  if (!has_ended) {
    level = next.stale ? knowledge::stale : knowledge_;
  } else if (next.stale || has_kept) {
    level = knowledge::stale;
  } else if (result.failure) {
    level = knowledge::unknown;
  }
  publish(std::move(next), level);
}

// Rule 2. Returns true if it kept something that the walk did not find.
bool view_merger::merge(walk::conclusion& result) {
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

void view_merger::publish(service next, knowledge level) {
  next.stale = level == knowledge::stale;
  const bool is_same = level == knowledge_ && has_same_instances(*view_, next) && differences(*view_, next).empty();
  // While nothing is known, the view shows the latest attempts.
  if (!is_same || !is_known_ || version_ == 0) view_ = std::make_shared<const service>(std::move(next));
  if (!is_same) ++version_;
  knowledge_ = level;
}

std::optional<watch_update> view_merger::take(time_point now) {
  if (!has_walked_ || (is_told_ && version_ == told_version_)) return std::nullopt;
  watch_update update;
  update.events = differences(*told_view_, *view_);
  tell_knowledge(update.events);
  update.view = view_;
  update.status = status_;
  update.time = now;
  update.merged = static_cast<std::uint32_t>(std::max<std::uint64_t>(version_ - told_version_, 1));
  const bool is_worth_telling = !is_told_ || !update.events.empty();
  told_view_ = view_;
  told_knowledge_ = knowledge_;
  is_told_ = true;
  told_version_ = version_;
  return is_worth_telling ? std::optional(std::move(update)) : std::nullopt;
}

void view_merger::tell_knowledge(std::vector<watch_event>& events) const {
  if (knowledge_ == told_knowledge_) return;
  const auto tell = [&](watch_event_kind kind) {
    watch_event event{.kind = kind};
    if (kind != watch_event_kind::recovered) event.reason = reason_;
    events.push_back(std::move(event));
  };
  switch (knowledge_) {
    case knowledge::complete: return tell(watch_event_kind::recovered);
    case knowledge::unknown:
      if (told_knowledge_ == knowledge::stale) return;  // partly fresh again is not a new problem
      return tell(watch_event_kind::unknown);
    case knowledge::stale:
      if (told_knowledge_ == knowledge::complete) tell(watch_event_kind::unknown);
      return tell(watch_event_kind::stale);
  }
}

}  // namespace sdconnect::detail
