#include "resolver/walk/walk.hpp"

#include "net/base/ascii.hpp"
#include "net/base/saturating.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

namespace sdconnect::detail {
namespace {

// Long enough for a datagram that was lost and sent again after a second; too short for a name
// server that stays silent (rule 6).
constexpr std::chrono::milliseconds txt_patience{1500};

}  // namespace

// To connect, records are asked for again before they end, so that no caller has to wait.
walk::walk(const service_query& query, std::chrono::milliseconds min_interval)
    : query_(query), carried_(min_interval, query.resolution_delay.has_value()) {
  const std::optional<service_labels> parts = split_service_name(query_.qname);
  domain_ = parts ? parts->domain : query_.qname.parent();
  allowed_ = query_.allowed_domain.value_or(domain_);
  if (parts) {
    const std::string_view service_label = parts->type.first_label();
    if (const std::string fault = service_label_fault(service_label); !fault.empty()) {
      found_.warnings.push_back("service label \"" + label_to_text(service_label) + "\" " + fault + " (RFC 6335)");
    }
  }
  if (query_.subtype) {
    result<name> sub = query_.qname.child("_sub");
    if (sub) sub = sub->child(*query_.subtype);
    if (sub) {
      query_.qname = *sub;
    } else {
      name_error_ = sub.error();
    }
  }
  found_.query = query_.qname;
  own_.shown.fullname = query_.qname;
  own_.shown.label = std::string(query_.qname.first_label());
}

bool walk::is_type_only() const noexcept { return query_.version || query_.instance || query_.subtype; }

walk::step walk::start() {
  if (name_error_) return {{}, {}, true};
  if (is_type_only()) {
    srv_ = {true, errc::no_data};
  } else {
    want({query_.qname, rr_type::srv}, {purpose::own_srv});
    if (wants_txt()) want({query_.qname, rr_type::txt}, {purpose::own_txt});
  }
  want({query_.qname, rr_type::ptr}, {purpose::own_ptr});
  return next_step({});
}

walk::step walk::on_result(const question& asked, const lookup& result, time_point now) {
  now_ = now;
  if (!result.report.server.empty()) found_.server = result.report.server;
  found_.queries.push_back(result.report);
  if (result.data) found_.dropped_records += result.data->dropped_records;
  carried_.remember(asked, result);

  auto waiting = pending_.extract(asked);
  if (waiting.empty()) return next_step(now);
  lookup usable = result;
  if (query_.require_authenticated && result.data && !result.data->authenticated) {
    usable.status = usable.failure = errc::not_authenticated;
  } else if (is_transient(result.status) && !result.data) {
    if (auto stale = carried_.find_stale(asked, result.status); stale && !query_.require_authenticated) {
      stale->again_at = result.again_at;
      usable = *std::move(stale);
    }
  }
  const auto is_own_ptr = [](const wish& w) { return w.what == purpose::own_ptr; };
  if (std::ranges::all_of(waiting.mapped(), is_own_ptr)) {
    own_ptr_ = usable;
  } else {
    summary_.note(usable);
  }
  note_authentication(usable);
  if (usable.stale && stale_answers_++ == 0) first_stale_ = to_string(asked) + ": " + usable.failure.message();

  const std::uint32_t aliases = usable.data ? usable.data->alias_count : 0;
  const bool ends_elsewhere = usable.status == errc::empty_answer && aliases > 0;
  for (wish w : waiting.mapped()) {
    --pending(w.what);
    w.aliases += aliases;
    if (aliases > 0 && w.what == purpose::address && is_refused(usable.data->canonical)) {
      refuse_alias(targets_[w.index], usable.data->canonical);
      usable.status = errc::no_data;  // known, and of no use
      usable.failure = {};
      deliver(w, asked.type, usable);
      continue;
    }
    if (ends_elsewhere && w.aliases <= max_aliases) {
      want({usable.data->canonical, asked.type}, w);
      continue;
    }
    if (ends_elsewhere) usable.status = usable.failure = errc::alias_loop;
    deliver(w, asked.type, usable);
  }
  return next_step(now);
}

void walk::summary::note(const lookup& result) {
  const auto note_time = [](std::optional<time_point>& first, time_point t) { first = std::min(first.value_or(t), t); };
  const bool is_nothing = result.status == errc::empty_answer;  // an answer, but not worth keeping
  const bool has_failed = result.failure || (is_transient(result.status) && !is_nothing);
  note_time(has_failed ? retry_at : again_at, result.again_at);
  if (has_failed && !failure) failure = result.failure ? result.failure : result.status;
  if (result.stale) stale = true;
  if (!result.data || result.stale) return;
  const bool is_text = std::holds_alternative<std::vector<txt_record>>(result.data->records);
  if (!result.status && !is_text) note_time(expires, result.expires);
  if (result.status && (is_nothing || !is_transient(result.status))) note_time(denial_expires, result.expires);
}

void walk::note_authentication(const lookup& result) {
  if (!result.data || result.status == errc::not_authenticated) return;
  any_answer_ = true;
  all_authenticated_ = all_authenticated_ && result.data->authenticated;
}

// Asks, unless an earlier answer carried the records or the question is already pending.
void walk::want(const question& q, const wish& w) {
  if (const auto carried = carried_.find(q, now_); carried && !query_.require_authenticated) {
    summary_.note(*carried);
    note_authentication(*carried);
    if (found_.additional.size() < max_named) found_.additional.push_back(q);
    return deliver(w, q.type, *carried);
  }
  ++pending(w.what);
  const auto [entry, is_new] = pending_.try_emplace(q);
  entry->second.push_back(w);
  if (is_new) to_ask_.push_back(q);
}

void walk::deliver(const wish& w, rr_type type, const lookup& result) {
  switch (w.what) {
    case purpose::own_srv: return on_own_srv(result);
    case purpose::own_ptr: return on_own_ptr(result);
    case purpose::own_txt: return on_txt(own_, result);
    case purpose::instance_srv: return on_instance_srv(instances_[w.index], result);
    case purpose::instance_txt: return on_txt(instances_[w.index], result);
    case purpose::address:
      if (w.aliases > 0) note_alias(targets_[w.index]);
      return on_address(targets_[w.index], type, result);
  }
}

void walk::on_own_srv(const lookup& result) {
  srv_ = {true, result.status};
  if (!result.status) {
    own_.shown.ttl = result.ttl;
    on_instance_srv(own_, result);
  }
  consider_own_addresses();
}

void walk::on_own_ptr(const lookup& result) {
  ptr_ = {true, result.status};
  consider_own_addresses();
  if (result.status || (srv_.known && !srv_.status)) return;

  for (const name* instance : select(std::get<std::vector<name>>(result.data->records))) {
    instance_state state;
    state.shown.fullname = *instance;
    state.shown.label = std::string(instance->first_label());
    state.shown.ttl = result.ttl;
    state.shown.foreign = !instance->is_at_or_below(domain_);
    instances_.push_back(std::move(state));
  }
  // Adds all instances before the first question: an answer at hand is delivered at once and refers
  // to them by index.
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    const name fullname = instances_[i].shown.fullname;
    want({fullname, rr_type::srv}, {purpose::instance_srv, i});
    if (wants_txt()) want({fullname, rr_type::txt}, {purpose::instance_txt, i});
  }
}

// Returns the instances whose names pass the filters, each once (RFC 6763 §8).
std::vector<const name*> walk::select(const std::vector<name>& instances) {
  std::vector<const name*> selected;
  std::unordered_set<name> seen;
  const auto add_matching = [&](std::string_view wanted, bool ignoring_case) {
    for (const name& n : instances) {
      const bool same = ignoring_case ? equal_ignoring_case(n.first_label(), wanted) : n.first_label() == wanted;
      if (same && seen.insert(n).second) selected.push_back(&n);
    }
  };
  if (query_.version) {
    // Compares whole labels: "v1" matches "v1" or "_v1", never "_v10".
    add_matching(*query_.version, true);
    if (selected.empty()) add_matching('_' + *query_.version, true);
  } else {
    for (const name& n : instances) {
      if (seen.insert(n).second) selected.push_back(&n);
    }
  }
  if (query_.instance) {
    std::erase_if(selected, [&](const name* n) { return !equal_ignoring_case(n->first_label(), *query_.instance); });
  }
  note_left_out(instances, selected);
  refused_instances_ = std::erase_if(selected, [&](const name* n) { return is_refused(*n); });
  return selected;
}

void walk::note_left_out(const std::vector<name>& instances, const std::vector<const name*>& selected) {
  if (!query_.version && !query_.instance) return;
  std::unordered_set<name> remaining;
  for (const name* n : selected) remaining.insert(*n);
  for (const name& n : instances) {
    if (!remaining.insert(n).second) continue;
    ++found_.left_out_count;
    if (found_.left_out.size() < max_named) found_.left_out.push_back(n);
  }
  std::ranges::sort(found_.left_out);
}

void walk::on_instance_srv(instance_state& instance, const lookup& result) {
  instance.srv_known = true;
  instance.srv_status = result.status;
  if (result.status) return;
  instance.srv = std::get<std::vector<srv_record>>(result.data->records);
  instance.srv_ttl = result.ttl;
  ask_for_targets(std::vector(instance.srv));
}

void walk::on_txt(instance_state& instance, const lookup& result) {
  instance.txt_answered = true;
  // A missing record equals an empty one (RFC 6763 §6.1); without an answer nothing is known.
  if (is_transient(result.status)) instance.shown.txt_status = result.status;
  if (result.status) return;
  const auto& variants = std::get<std::vector<txt_record>>(result.data->records);
  // Servers rotate the records of an answer; the choice must not depend on that.
  instance.shown.txt = *std::ranges::min_element(variants, {}, &txt_record::rdata);
  if (variants.size() > 1) {
    found_.warnings.push_back(instance.shown.fullname.to_text() + " has " + std::to_string(variants.size()) +
                              " TXT records, the smallest by octets is used");
  }
}

bool walk::is_address_text(const name& target) noexcept {
  return std::ranges::all_of(target.labels(),
                             [](std::string_view label) { return std::ranges::all_of(label, is_digit); });
}

// A target may be any name, not only a host name (RFC 2181 §11), but an address is none.
bool walk::is_usable(const srv_record& record) const {
  return record.port != 0 && !record.target.is_root() && !is_address_text(record.target) && !is_refused(record.target);
}

void walk::ask_for_targets(const std::vector<srv_record>& records) {
  for (const srv_record& record : records) {
    if (is_usable(record)) ask_for_addresses(record.target);
  }
}

void walk::ask_for_addresses(const name& host) {
  const auto [entry, is_new] = target_index_.try_emplace(host, targets_.size());
  if (!is_new || targets_.size() == max_endpoints) return;
  const std::size_t index = targets_.size();
  target_state& target = targets_.emplace_back();
  target.host = host;
  target.ipv4_unknown = target.ipv4_unanswered = query_.want_ipv4;
  target.ipv6_unknown = target.ipv6_unanswered = query_.want_ipv6;
  target.pending = std::size_t{query_.want_ipv4} + std::size_t{query_.want_ipv6};
  if (query_.want_ipv4) want({host, rr_type::a}, {purpose::address, index});
  if (query_.want_ipv6) want({host, rr_type::aaaa}, {purpose::address, index});
}

// RFC 2782 "Target" forbids aliases for SRV targets, but not for the queried name itself.
void walk::note_alias(target_state& target) {
  if (target.is_alias || asked_own_addresses_) return;
  target.is_alias = true;
  found_.warnings.push_back(target.host.to_text() + " is an alias, which a SRV target must not be (RFC 2782)");
}

// The other domain decides where such a target leads.
void walk::refuse_alias(target_state& target, const name& canonical) {
  if (std::exchange(target.is_refused, true)) return;
  target.is_alias = true;  // the warning below says so
  found_.warnings.push_back(target.host.to_text() + " is an alias of " + canonical.to_text() + " outside " +
                            allowed_.to_text() + ", refused");
}

void walk::on_address(target_state& target, rr_type type, const lookup& result) {
  --target.pending;
  (type == rr_type::a ? target.ipv4_unknown : target.ipv6_unknown) = is_transient(result.status);
  (type == rr_type::a ? target.ipv4_unanswered : target.ipv6_unanswered) =
      is_transient(result.status) && result.status != errc::empty_answer;
  if (result.status) {
    if (!target.status || is_transient(result.status)) target.status = result.status;
    return;
  }
  if (!first_address_at_) first_address_at_ = now_;
  target.ttl = std::min(target.ttl, result.ttl);
  for (const ip_address& address : std::get<std::vector<ip_address>>(result.data->records)) {
    if (std::ranges::find(target.addresses, address) != target.addresses.end()) continue;
    if (!address.is_connectable()) {
      target.has_refused_address = true;
      found_.warnings.push_back(target.host.to_text() + " has the address " + address.to_text() +
                                ", which nothing can be connected to, not used");
      continue;
    }
    if (target.addresses.size() == max_addresses_per_target) {
      found_.warnings.push_back(target.host.to_text() + " has more than " + std::to_string(max_addresses_per_target) +
                                " addresses, the rest is left out");
      break;
    }
    target.addresses.push_back(address);
  }
}

// If SRV and PTR records are certainly both absent, asks for the addresses of the name itself, if
// the caller knows the port (RFC 2782 "Usage rules").
void walk::consider_own_addresses() {
  const bool both_absent =
      srv_.known && srv_.status == condition::absent && ptr_.known && ptr_.status == condition::absent;
  if (!both_absent || !query_.default_port || is_type_only()) return;
  asked_own_addresses_ = true;
  ask_for_addresses(query_.qname);
}

// If SRV records make the name an instance, its PTR records are not needed. If they are missing,
// the name's TXT record is of no use.
std::size_t walk::pending_before_addresses() const noexcept {
  if (srv_.known && !srv_.status) return pending(purpose::own_txt);
  return pending(purpose::own_srv) + pending(purpose::own_ptr) + pending(purpose::instance_srv) +
         pending(purpose::instance_txt);
}

bool walk::is_settled() const noexcept { return pending_before_addresses() + pending(purpose::address) == 0; }

bool walk::every_target_has_an_address() noexcept {
  while (targets_with_address_ < targets_.size()) {
    const target_state& target = targets_[targets_with_address_];
    if (target.addresses.empty() && target.pending > 0) return false;
    ++targets_with_address_;
  }
  return true;
}

// Rule 6.
std::optional<walk::time_point> walk::enough_at(time_point now) {
  if (query_.resolution_delay) {
    if (!first_address_at_) return std::nullopt;
    const std::size_t missing_txt = pending(purpose::own_txt) + pending(purpose::instance_txt);
    const auto patience = std::max(*query_.resolution_delay, std::min(txt_patience, query_.timeout / 2));
    return later(*first_address_at_, missing_txt > 0 ? patience : *query_.resolution_delay);
  }
  if (!listed_at_) {
    if (!first_address_at_ || pending_before_addresses() > 0 || !every_target_has_an_address()) return std::nullopt;
    listed_at_ = now;
  }
  return *listed_at_ + family_patience;
}

walk::step walk::next_step(time_point now) {
  if (is_settled()) return {{}, {}, true};
  return {std::exchange(to_ask_, {}), enough_at(now), false};
}

}  // namespace sdconnect::detail
