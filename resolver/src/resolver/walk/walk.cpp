#include "resolver/walk/walk.hpp"

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
walk::walk(const service_query& query, std::chrono::milliseconds min_interval, carried_terms* terms)
    : query_(query), carried_(min_interval, query.resolution_delay.has_value(), terms) {
  const std::optional<service_labels> parts = split_service_name(query_.qname);
  domain_ = parts ? parts->domain : query_.qname.parent();
  allowed_ = query_.allowed_domain.value_or(domain_);
  host_ = parts && !query_.only_addresses ? parts->domain : query_.qname;
  if (parts) {
    const std::string_view service_label = parts->type.first_label();
    if (const std::string fault = service_label_fault(service_label); !fault.empty()) {
      warn("service label \"" + label_to_text(service_label) + "\" " + fault + " (RFC 6335)");
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
  if (query_.only_addresses) {
    srv_ = ptr_ = {true, errc::no_data};
    consider_own_addresses();
    return next_step({});
  }
  if (is_type_only()) {
    srv_ = {true, errc::no_data};
  } else {
    plan({purpose::own_srv}, rr_type::srv);
    if (wants_txt()) plan({purpose::own_txt}, rr_type::txt);
  }
  plan({purpose::own_ptr}, rr_type::ptr);
  return next_step({});
}

walk::step walk::on_result(const question& asked, const lookup& result, time_point now) {
  now_ = now;
  if (!result.report.server.empty()) found_.server = result.report.server;
  report(result.report);
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

void walk::plan(const wish& w, rr_type type) {
  ++pending(w.what);
  planned_.push_back({w, type});
}

// Rule 8.
void walk::ask_planned() {
  while (!planned_.empty() && pending_.size() < most_pending) {
    const planned_question next = planned_.front();
    planned_.pop_front();
    --pending(next.by.what);
    want({owner_of(next.by), next.type}, next.by);
  }
}

const name& walk::owner_of(const wish& w) const {
  switch (w.what) {
    case purpose::own_srv:
    case purpose::own_ptr:
    case purpose::own_txt: break;
    case purpose::instance_srv:
    case purpose::instance_txt: return instances_[w.index].shown.fullname;
    case purpose::address: return targets_[w.index].host;
  }
  return query_.qname;
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
  ask_planned();
  if (is_settled()) return {{}, {}, true};
  return {std::exchange(to_ask_, {}), enough_at(now), false};
}

}  // namespace sdconnect::detail
