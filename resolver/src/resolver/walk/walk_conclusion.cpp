// Second half of a walk: interprets the collected answers.
#include "resolver/walk/unanswered_parts.hpp"
#include "resolver/walk/walk.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace sdconnect::detail {
namespace {

std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n) + " SRV record" + (n == 1 ? "" : "s") + ' ' + std::string(what);
}

}  // namespace

/// Reads the walk and builds the conclusion.
class walk::concluding {
 public:
  concluding(const walk& of, error_code if_unknown) : of_(of), if_unknown_(if_unknown), summary_(of.summary_) {
    out_.found = of.found_;
  }
  /// Frees the walk's targets as it goes.
  concluding(const walk& of, error_code if_unknown, std::deque<target_state>& spent) : concluding(of, if_unknown) {
    spent_ = &spent;
  }

  conclusion conclude() {
    out_.status = of_.name_error_ ? of_.name_error_ : decide_kind();
    if (of_.own_ptr_ && found().kind != service_kind::instance) summary_.note(*of_.own_ptr_);
    out_.is_kind_known = !is_transient(out_.status);
    lacks_endpoints_ = !out_.is_kind_known;
    if (!out_.status) add_endpoints();
    found().stale = summary_.stale;
    found().has_all_endpoints = has_all_endpoints();
    found().complete = found().has_all_endpoints && !lacks_details_;
    found().authenticated = of_.any_answer_ && of_.all_authenticated_;
    const bool is_complete = of_.name_error_ || of_.is_settled();
    out_.failure = summary_.failure || is_complete ? summary_.failure : if_unknown_;
    out_.again_at = summary_.again_at;
    out_.retry_at = summary_.retry_at;
    out_.expires = summary_.expires;
    const bool is_denied = out_.status && (!is_transient(out_.status) || !out_.failure);
    if (is_denied && summary_.denial_expires) {
      out_.expires = std::min(out_.expires.value_or(*summary_.denial_expires), *summary_.denial_expires);
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] service& found() noexcept { return out_.found; }
  [[nodiscard]] bool has_all_endpoints() const noexcept;
  void note_own_srv();
  void note_unanswered(const target_state& target);
  [[nodiscard]] std::string reason_of(const endpoint& e) const;
  void warn_about_unanswered();
  void warn(std::string text);
  void warn_about(std::size_t count, std::string_view what);
  [[nodiscard]] error_code decide_kind();
  void add_endpoints();
  void add_instance(const instance_state& instance);
  void add_own_addresses();
  void add_records(const instance_state& instance, service_instance& shown);
  void add_targets();
  void add_target(const target_state& target);
  [[nodiscard]] error_code endpoint_status() const;
  void warn_about_endpoints();
  void warn_about_unresolved(const endpoint& first, error_code unknown);
  void warn_about_records();
  void warn_about_odd_targets();
  void warn_about_limits(const endpoint_table& table);

  const walk& of_;
  std::deque<target_state>* spent_ = nullptr;
  error_code if_unknown_;
  summary summary_;
  conclusion out_;
  faults seen_;  // of all instances
  std::size_t warnings_left_out_ = of_.warnings_left_out_;
  error_code transient_;
  unanswered_parts unanswered_;
  bool lacks_endpoints_ = false;  // those of an instance, or those above the limit
  bool lacks_details_ = false;    // a TXT record or addresses
};

walk::conclusion walk::conclude(error_code if_unknown) const { return concluding(*this, if_unknown).conclude(); }

walk::conclusion walk::conclude_at_end(error_code if_unknown) {
  target_index_ = {};
  planned_ = {};
  pending_ = {};
  carried_.clear();
  return concluding(*this, if_unknown, targets_).conclude();
}

// Finds out what the name is, or why that is unknown (rule 2).
error_code walk::concluding::decide_kind() {
  const own_status &srv = of_.srv_, &ptr = of_.ptr_;
  const bool has_srv = srv.known && !srv.status;
  const bool has_ptr = ptr.known && !ptr.status;
  if (has_srv || has_ptr || of_.asked_own_addresses_) {
    found().kind = has_srv ? service_kind::instance : has_ptr ? service_kind::type : service_kind::address;
    return {};
  }
  for (const own_status& own : {ptr, srv}) {
    if (own.known && is_transient(own.status)) return own.status;
  }
  if (!ptr.known || !srv.known) return if_unknown_;
  // A name may exist for one type only, so a single "no data" proves that it exists.
  return ptr.status == errc::nxdomain && (of_.is_type_only() || srv.status == errc::nxdomain) ? errc::nxdomain
                                                                                              : errc::no_data;
}

void walk::concluding::add_endpoints() {
  switch (found().kind) {
    case service_kind::instance: add_instance(of_.own_); break;
    case service_kind::type:
      // A name whose SRV records are unknown may still be an instance.
      out_.is_kind_known = of_.srv_.known && !is_transient(of_.srv_.status);
      note_own_srv();
      for (const instance_state& instance : of_.instances_) add_instance(instance);
      break;
    case service_kind::address: add_own_addresses(); break;
    case service_kind::none: break;
  }
  add_targets();
  endpoint_table table = make_endpoints(out_.records, out_.targets);
  found().endpoints = std::move(table.endpoints);
  warn_about_endpoints();
  warn_about_unanswered();
  warn_about_records();
  warn_about_limits(table);
  out_.status = endpoint_status();
}

void walk::concluding::add_instance(const instance_state& instance) {
  service_instance shown = instance.shown;
  const bool filters_by_txt = !of_.query_.txt.empty();
  if (of_.wants_txt() && !instance.txt_answered) shown.txt_status = if_unknown_;
  if (filters_by_txt && !shown.txt_status && !of_.passes_txt(shown.txt)) {
    ++found().left_out_count;
    if (found().left_out.size() < max_named) found().left_out.push_back(shown.fullname);
    return;
  }
  if (!instance.srv_known) {
    shown.status = if_unknown_;
  } else if (instance.srv_status) {
    shown.status = instance.srv_status;
  } else if (filters_by_txt) {
    shown.status = shown.txt_status;
  }
  if (is_transient(shown.status)) {
    transient_ = shown.status;
    lacks_endpoints_ = true;
    unanswered_.note(shown.fullname, instance.srv_known && !instance.srv_status ? rr_type::txt : rr_type::srv,
                     shown.status);
  } else if (shown.txt_status) {
    lacks_details_ = true;
    unanswered_.note(shown.fullname, rr_type::txt, shown.txt_status);
  }
  if (!shown.status) add_records(instance, shown);
  found().instances.push_back(std::move(shown));
}

void walk::concluding::add_records(const instance_state& instance, service_instance& shown) {
  const faults& seen = instance.seen;
  const std::shared_ptr<const srv_set>& usable = of_.sets_.at(*instance.srv);
  // The target "." means "decidedly not available" if it is the only record; next to other records
  // it is ignored.
  const bool has_others = !usable->empty() || seen.no_port + seen.bad_target + seen.out_of_domain > 0;
  if (seen.unavailable > 0 && !has_others) shown.status = errc::service_unavailable;
  seen_.unavailable += seen.unavailable;
  seen_.no_port += seen.no_port;
  seen_.bad_target += seen.bad_target;
  seen_.out_of_domain += seen.out_of_domain;
  for (const name& target : seen.bad_targets) {
    warn("SRV target " + target.to_text() + " is an address in place of a name, not used");
  }
  if (!usable->empty()) out_.records.push_back({shown.fullname, usable, instance.srv_ttl});
}

void walk::concluding::add_own_addresses() {
  auto only = std::make_shared<const srv_set>(srv_set{{0, 0, *of_.query_.default_port, of_.host_}});
  out_.records.push_back({std::nullopt, std::move(only), std::chrono::seconds::max()});
}

void walk::concluding::add_targets() {
  out_.targets.reserve(of_.targets_.size());
  if (spent_ == nullptr) {
    for (const target_state& target : of_.targets_) add_target(target);
  } else {
    for (; !spent_->empty(); spent_->pop_front()) add_target(spent_->front());
  }
  sort_by_target(out_.targets);
}

void walk::concluding::add_target(const target_state& target) {
  note_unanswered(target);
  target_addresses& made = out_.targets.emplace_back();
  made.target = target.host;
  made.addresses = target.addresses;
  made.ttl = target.ttl;
  // NODATA without a SOA is "no" for one family at once if the other has addresses (FAULTS O14).
  const bool has_none = target.addresses.empty();
  made.ipv4_unknown = target.ipv4_unanswered || (target.ipv4_unknown && has_none);
  made.ipv6_unknown = target.ipv6_unanswered || (target.ipv6_unknown && has_none);
  if (target.is_refused) {
    made.addresses.clear();
    made.unresolved = errc::out_of_domain;
    return;
  }
  if (!target.addresses.empty()) return;
  made.unresolved = target.pending > 0 ? if_unknown_ : target.status;
  if (target.has_refused_address) made.unresolved = errc::refused_address;
  if (!made.unresolved) made.unresolved = errc::no_data;
  if (found().kind == service_kind::address) made.ttl = {};
}

error_code walk::concluding::endpoint_status() const {
  error_code transient = transient_;
  error_code absent, refused;
  for (const endpoint& e : out_.found.endpoints) {
    if (!e.unresolved) return {};
    (e.unresolved == errc::out_of_domain ? refused : is_transient(e.unresolved) ? transient : absent) = e.unresolved;
  }
  if (transient) return transient;
  if (refused) return refused;
  if (out_.found.kind == service_kind::address) return absent;
  if (!out_.found.endpoints.empty()) return errc::no_usable_endpoint;
  if (seen_.no_port + seen_.bad_target > 0) return errc::no_usable_endpoint;
  if (seen_.out_of_domain + of_.refused_instances_ > 0) return errc::out_of_domain;
  if (seen_.unavailable > 0) return errc::service_unavailable;
  const bool has_instances = !out_.found.instances.empty();
  if (!has_instances && of_.not_instances_ > 0 && !of_.has_filtered_) return errc::no_usable_endpoint;
  if (!has_instances) return errc::no_matching_instance;
  return out_.found.instances.front().status;  // listed, but without SRV records
}

void walk::concluding::warn(std::string text) {
  if (found().warnings.size() < most_warnings) {
    found().warnings.push_back(std::move(text));
  } else {
    ++warnings_left_out_;
  }
}

void walk::concluding::warn_about(std::size_t count, std::string_view what) {
  if (count > 0) warn(counted(count, what));
}

void walk::concluding::warn_about_endpoints() {
  if (!found().endpoints.empty()) warn_about(seen_.unavailable, "with target \".\" passed over");
  // One warning for those that have no address for sure, and one for each reason why that is unknown.
  std::vector<error_code> told;
  for (const endpoint& e : found().endpoints) {
    const error_code reason = is_transient(e.unresolved) ? e.unresolved : error_code();
    if (!e.unresolved || std::ranges::find(told, reason) != told.end()) continue;
    told.push_back(reason);
    warn_about_unresolved(e, reason);
  }
}

// `unknown`: why it is unknown whether they have addresses.
void walk::concluding::warn_about_unresolved(const endpoint& first, error_code unknown) {
  std::vector<const name*> targets;
  std::size_t count = 0;
  for (const endpoint& e : found().endpoints) {
    if (!e.unresolved || (unknown ? e.unresolved != unknown : is_transient(e.unresolved))) continue;
    ++count;
    const auto is_of = [&e](const name* n) { return *n == e.target; };
    const std::size_t most = unknown ? most_unanswered_named : 1;
    if (targets.size() < most && std::ranges::none_of(targets, is_of)) targets.push_back(&e.target);
  }
  std::string names;
  for (const name* target : targets) names += (names.empty() ? "" : ", ") + target->to_text();
  warn(std::to_string(count) + " of " + std::to_string(found().endpoints.size()) +
       " endpoints without address, the first " + (targets.size() == 1 ? "is " : "are ") + names + ": " +
       reason_of(first));
}

// Why an endpoint has no address.
std::string walk::concluding::reason_of(const endpoint& e) const {
  for (const rr_type family : {rr_type::a, rr_type::aaaa}) {
    const query_report* const report = report_of({e.target, family}, out_.found.queries);
    if (report != nullptr && report->status == e.unresolved) return e.unresolved.message() + said_in(*report);
  }
  return e.unresolved.message();
}

void walk::concluding::warn_about_records() {
  if (of_.stale_answers_ > 0) {
    warn(std::to_string(of_.stale_answers_) + " answer(s) kept beyond their TTL, the first is " + of_.first_stale_);
  }
  if (found().dropped_records > 0) {
    warn(std::to_string(found().dropped_records) + " record(s) of the answers malformed or of foreign names, not used");
  }
  warn_about(seen_.no_port, "with port 0 not used");
  warn_about_odd_targets();
  warn_about(seen_.out_of_domain, "with a target outside " + of_.allowed_.to_text() + " refused");
  if (of_.refused_instances_ > 0) {
    warn(std::to_string(of_.refused_instances_) + " instance(s) outside " + of_.allowed_.to_text() + " refused");
  }
  if (found().kind == service_kind::instance && of_.ptr_.known && !of_.ptr_.status) {
    warn(of_.query_.qname.to_text() + " has SRV and PTR records, PTR is not used");
  }
}

// They are used: RFC 2181 §11 allows any name.
void walk::concluding::warn_about_odd_targets() {
  const auto is_odd = [](const target_addresses& target) { return !is_host_name(target.target); };
  const auto first = std::ranges::find_if(out_.targets, is_odd);
  if (first == out_.targets.end()) return;
  const auto count = std::ranges::count_if(out_.targets, is_odd);
  warn("SRV target " + first->target.to_text() +
       (count > 1 ? " and " + std::to_string(count - 1) + " more are no host names" : " is not a host name") +
       "; used, as RFC 2181 §11 allows any name");
}

void walk::concluding::warn_about_limits(const endpoint_table& table) {
  const auto left_out = [this](std::size_t count, const std::string& what) {
    if (count > 0) found().warnings.push_back(std::to_string(count) + ' ' + what + " left out");
  };
  lacks_endpoints_ = lacks_endpoints_ || table.over_limit + of_.sets_.dropped() > 0;
  lacks_details_ = lacks_details_ || of_.has_cut_ || table.instances_left_out + table.addresses_left_out > 0;
  left_out(table.over_limit + of_.sets_.dropped(), "endpoints above the limit of " + std::to_string(max_endpoints));
  left_out(table.instances_left_out, "names of instances that share endpoints");
  left_out(table.addresses_left_out, "addresses of targets with many ports");
  left_out(warnings_left_out_, "more warnings");
}

bool walk::concluding::has_all_endpoints() const noexcept {
  return !of_.name_error_ && !lacks_endpoints_ && !summary_.stale;
}

// A server that answers for the PTR records and says nothing for SRV has none.
void walk::concluding::note_own_srv() {
  const error_code own = of_.srv_.known ? of_.srv_.status : if_unknown_;
  if (!is_transient(own) || own == errc::empty_answer) return;
  lacks_endpoints_ = true;
  unanswered_.note(of_.query_.qname, rr_type::srv, own);
}

void walk::concluding::note_unanswered(const target_state& target) {
  const bool has_none = target.addresses.empty();
  for (const rr_type family : {rr_type::a, rr_type::aaaa}) {
    const bool is_v4 = family == rr_type::a;
    const bool is_unanswered = is_v4 ? target.ipv4_unanswered : target.ipv6_unanswered;
    lacks_details_ =
        lacks_details_ || is_unanswered || (has_none && (is_v4 ? target.ipv4_unknown : target.ipv6_unknown));
    // Another warning names a target without address.
    const bool is_named = target.is_refused || (has_none && !target.has_refused_address);
    if (is_unanswered && !is_named) unanswered_.note(target.host, family, {});
  }
}

void walk::concluding::warn_about_unanswered() {
  for (std::string& text : unanswered_.warnings(found().queries, of_.query_.resolution_delay.has_value())) {
    warn(std::move(text));
  }
}

bool walk::passes_txt(const txt_record& txt) const {
  return std::ranges::all_of(query_.txt, [&](const txt_condition& wanted) {
    const std::optional<txt_entry> entry = txt.find(wanted.key);
    return entry && (!wanted.value || entry->value == *wanted.value);
  });
}

}  // namespace sdconnect::detail
