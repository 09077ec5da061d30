#include "resolver/view/view_merger.hpp"

#include "resolver/view/view_difference.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sdconnect::detail {
namespace {

bool is_uncertain(error_code ec) noexcept { return ec && ec != condition::absent; }

bool is_usable(const service& s) {
  return std::ranges::any_of(s.endpoints, [](const endpoint& e) { return !e.addresses.empty(); });
}

// Adds the last known addresses of the families that are unknown now.
bool keep_addresses_of(target_addresses& target, const target_addresses& last) {
  bool kept = false;
  for (const ip_address& address : last.addresses) {
    if (target.addresses.size() >= max_addresses_per_target) break;
    const bool is_missing = address.is_v4() ? target.ipv4_unknown : target.ipv6_unknown;
    if (!is_missing || std::ranges::find(target.addresses, address) != target.addresses.end()) continue;
    target.addresses.push_back(address);
    kept = true;
  }
  if (kept) target.unresolved = {};
  return kept;
}

bool is_earlier_name(const name& a, const name& b) { return a < b; }

template <class Part, class NameOf>
const Part* find_named(const std::vector<const Part*>& sorted, const name& wanted, NameOf name_of) {
  const auto at = std::ranges::lower_bound(sorted, wanted, is_earlier_name, name_of);
  return at == sorted.end() || name_of(*at) != wanted ? nullptr : *at;
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
  const bool was_known = std::exchange(is_known_, true);
  const bool has_kept = was_known && merge(result);
  records_ = std::move(result.records);
  targets_ = std::move(result.targets);
  service next = std::move(result.found);
  if (has_kept) {
    next.endpoints = {};  // before there are others
    next.endpoints = make_endpoints(records_, targets_).endpoints;
  }
  for (endpoint& e : next.endpoints) {
    if (e.unresolved == errc::empty_answer) e.unresolved = errc::no_data;  // nothing to keep
  }
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
bool view_merger::merge(walk::conclusion& result) const {
  const bool has_kept_addresses = keep_addresses(result.targets);
  return keep_instances(result) || has_kept_addresses;
}

bool view_merger::keep_addresses(std::vector<target_addresses>& targets) const {
  bool has_kept = false;
  for (target_addresses& target : targets) {
    if (!target.ipv4_unknown && !target.ipv6_unknown) continue;
    const target_addresses* const last = find_target(targets_, target.target);
    if (last != nullptr && keep_addresses_of(target, *last)) has_kept = true;
    if (target.unresolved == errc::empty_answer) target.unresolved = errc::no_data;
  }
  return has_kept;
}

bool view_merger::keep_instances(walk::conclusion& result) const {
  // Pointers, because a name takes 256 octets.
  const auto name_of_instance = [](const service_instance* i) -> const name& { return i->fullname; };
  const auto name_of_records = [](const instance_records* r) -> const name& { return *r->instance; };
  std::vector<const service_instance*> last_instances;
  for (const service_instance& instance : view_->instances) last_instances.push_back(&instance);
  std::ranges::sort(last_instances, is_earlier_name, name_of_instance);
  std::vector<const instance_records*> last_records;
  for (const instance_records& records : records_) {
    if (records.instance) last_records.push_back(&records);
  }
  std::ranges::sort(last_records, is_earlier_name, name_of_records);

  bool has_kept = false;
  std::vector<target_addresses> kept_targets;
  for (service_instance& instance : result.found.instances) {
    const service_instance* const last = find_named(last_instances, instance.fullname, name_of_instance);
    const bool is_new = last == nullptr;
    const bool had_no_txt = is_new || last->txt == txt_record();
    if (had_no_txt && instance.txt_status == errc::empty_answer) instance.txt_status = {};
    if ((is_new || last->status) && instance.status == errc::empty_answer) instance.status = errc::no_data;
    if (is_new) continue;
    if (instance.txt_status && !last->txt_status) {
      instance.txt = last->txt;
      instance.txt_status = {};
      has_kept = true;
    }
    if (!is_uncertain(instance.status)) continue;
    instance.status = last->status;
    has_kept = true;
    const instance_records* const records = find_named(last_records, instance.fullname, name_of_records);
    if (records == nullptr) continue;
    result.records.push_back(*records);
    for (const srv_record& record : *records->records) {
      const target_addresses* const target = find_target(targets_, record.target);
      if (target != nullptr && find_target(result.targets, record.target) == nullptr) kept_targets.push_back(*target);
    }
  }
  if (kept_targets.empty()) return has_kept;
  sort_by_target(kept_targets);
  const auto is_same = [](const auto& a, const auto& b) { return a.target == b.target; };
  kept_targets.erase(std::unique(kept_targets.begin(), kept_targets.end(), is_same), kept_targets.end());
  result.targets.insert(result.targets.end(), kept_targets.begin(), kept_targets.end());
  sort_by_target(result.targets);
  return has_kept;
}

void view_merger::publish(service next, knowledge level) {
  next.stale = level == knowledge::stale;
  next.complete = next.complete && !next.stale;
  next.has_all_endpoints = next.has_all_endpoints && !next.stale;
  auto latest = std::make_shared<const service>(std::move(next));
  const bool is_same = level == knowledge_ && has_same_instances(*view_, *latest) && differences(view_, latest).empty();
  // While nothing is known, the view shows the latest attempts.
  const bool is_as_complete =
      view_->complete == latest->complete && view_->has_all_endpoints == latest->has_all_endpoints;
  if (!is_same || !is_as_complete || !is_known_ || version_ == 0) view_ = std::move(latest);
  if (!is_same) ++version_;
  knowledge_ = level;
}

std::optional<watch_update> view_merger::take(time_point now) {
  if (!has_walked_ || (is_told_ && version_ == told_version_)) return std::nullopt;
  watch_update update;
  update.events = differences(told_view_, view_);
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
