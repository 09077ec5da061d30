// Second half of a walk: interprets the collected answers.
#include "resolver/walk/walk.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace sdconnect::detail {
namespace {

std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n) + " SRV record" + (n == 1 ? "" : "s") + ' ' + std::string(what);
}

}  // namespace

std::pair<std::vector<endpoint>, std::size_t> walk::merged(std::vector<endpoint> endpoints) {
  std::vector<endpoint> all = merge_endpoints(std::move(endpoints));
  const std::size_t over_limit = all.size() > max_endpoints ? all.size() - max_endpoints : 0;
  all.resize(all.size() - over_limit);
  return {std::move(all), over_limit};
}

/// Reads the walk and builds the conclusion.
class walk::concluding {
 public:
  concluding(const walk& of, error_code if_unknown) : of_(of), if_unknown_(if_unknown), summary_(of.summary_) {
    out_.found = of.found_;
  }

  conclusion conclude() {
    out_.status = of_.name_error_ ? of_.name_error_ : decide_kind();
    if (of_.own_ptr_ && found().kind != service_kind::instance) summary_.note(*of_.own_ptr_);
    out_.is_kind_known = !is_transient(out_.status);
    if (!out_.status) add_endpoints();
    found().stale = summary_.stale;
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
  [[nodiscard]] error_code decide_kind();
  void add_endpoints();
  void add_instance(const instance_state& instance);
  void add_own_addresses();
  void fill_addresses(part& p) const;
  [[nodiscard]] error_code endpoint_status() const;
  void warn_about();
  void warn_about_families();

  const walk& of_;
  error_code if_unknown_;
  summary summary_;
  conclusion out_;
  faults seen_;
  std::set<name> odd_targets_;  // used and no host names
};

walk::conclusion walk::conclude(error_code if_unknown) const { return concluding(*this, if_unknown).conclude(); }

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
      for (const instance_state& instance : of_.instances_) add_instance(instance);
      break;
    case service_kind::address: add_own_addresses(); break;
    case service_kind::none: break;
  }
  std::vector<endpoint> endpoints;
  endpoints.reserve(out_.parts.size());
  for (const part& p : out_.parts) endpoints.push_back(p.where);
  std::tie(found().endpoints, seen_.over_limit) = merged(std::move(endpoints));
  warn_about();
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
    seen_.transient = shown.status;
    found().warnings.push_back("no answer for " + shown.fullname.to_text() + ": " + shown.status.message());
  }

  std::size_t unavailable = 0;
  if (!shown.status) {
    for (const srv_record& record : instance.srv) {
      if (record.target.is_root()) {
        ++unavailable;
      } else if (record.port == 0) {
        ++seen_.no_port;
      } else if (is_address_text(record.target)) {
        ++seen_.bad_target;
        found().warnings.push_back("SRV target " + record.target.to_text() +
                                   " is an address in place of a name, not used");
      } else if (of_.is_refused(record.target)) {
        ++seen_.out_of_domain;
      } else {
        part p{
            {record.target, record.port, record.priority, record.weight, {}, {shown.fullname}, instance.srv_ttl, {}}};
        fill_addresses(p);
        if (!is_host_name(record.target)) odd_targets_.insert(record.target);
        out_.parts.push_back(std::move(p));
      }
    }
    // The target "." means "decidedly not available" if it is the only record; next to other
    // records it is ignored.
    if (unavailable > 0 && unavailable == instance.srv.size()) shown.status = errc::service_unavailable;
    seen_.unavailable += unavailable;
  }
  found().instances.push_back(std::move(shown));
}

void walk::concluding::add_own_addresses() {
  part p{{of_.query_.qname, *of_.query_.default_port, 0, 0, {}, {}, std::chrono::seconds::max(), {}}};
  fill_addresses(p);
  if (p.where.unresolved) p.where.ttl = {};
  out_.parts.push_back(std::move(p));
}

void walk::concluding::fill_addresses(part& p) const {
  endpoint& e = p.where;
  const auto index = of_.target_index_.find(e.target);
  if (index == of_.target_index_.end() || index->second >= of_.targets_.size()) {
    e.unresolved = errc::no_data;
    return;
  }
  const target_state& target = of_.targets_[index->second];
  p.ipv4_unknown = target.ipv4_unknown;
  p.ipv6_unknown = target.ipv6_unknown;
  e.addresses = target.addresses;
  e.ttl = std::min(e.ttl, target.ttl);
  if (target.is_refused) {
    e.addresses.clear();
    e.unresolved = errc::out_of_domain;
    return;
  }
  if (!e.addresses.empty()) return;
  e.unresolved = target.pending > 0 ? if_unknown_ : target.status;
  if (target.has_refused_address) e.unresolved = errc::refused_address;
  if (!e.unresolved) e.unresolved = errc::no_data;
}

error_code walk::concluding::endpoint_status() const {
  error_code transient = seen_.transient;
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
  if (out_.found.instances.empty()) return errc::no_matching_instance;
  return out_.found.instances.front().status;  // listed, but without SRV records
}

void walk::concluding::warn_about() {
  const auto warn = [this](std::size_t n, std::string_view what) {
    if (n > 0) found().warnings.push_back(counted(n, what));
  };
  const std::vector<endpoint>& endpoints = found().endpoints;
  if (seen_.unavailable > 0 && !endpoints.empty()) warn(seen_.unavailable, "with target \".\" passed over");
  const auto unresolved = std::ranges::count_if(endpoints, [](const endpoint& e) { return e.unresolved.failed(); });
  if (unresolved > 0) {
    const auto first = std::ranges::find_if(endpoints, [](const endpoint& e) { return e.unresolved.failed(); });
    found().warnings.push_back(std::to_string(unresolved) + " of " + std::to_string(endpoints.size()) +
                               " endpoints without address, the first is " + first->target.to_text() + ": " +
                               first->unresolved.message());
  }
  warn_about_families();
  if (of_.stale_answers_ > 0) {
    found().warnings.push_back(std::to_string(of_.stale_answers_) + " answer(s) kept beyond their TTL, the first is " +
                               of_.first_stale_);
  }
  if (found().dropped_records > 0) {
    found().warnings.push_back(std::to_string(found().dropped_records) +
                               " record(s) of the answers malformed or of foreign names, not used");
  }
  warn(seen_.no_port, "with port 0 not used");
  if (!odd_targets_.empty()) {
    found().warnings.push_back("SRV target " + odd_targets_.begin()->to_text() +
                               (odd_targets_.size() > 1
                                    ? " and " + std::to_string(odd_targets_.size() - 1) + " more are no host names"
                                    : " is not a host name") +
                               "; used, as RFC 2181 §11 allows any name");
  }
  warn(seen_.out_of_domain, "with a target outside " + of_.allowed_.to_text() + " refused");
  if (of_.refused_instances_ > 0) {
    found().warnings.push_back(std::to_string(of_.refused_instances_) + " instance(s) outside " +
                               of_.allowed_.to_text() + " refused");
  }
  if (seen_.over_limit > 0) {
    found().warnings.push_back(std::to_string(seen_.over_limit) + " endpoints above the limit of " +
                               std::to_string(max_endpoints) + " left out");
  }
  if (found().kind == service_kind::instance && of_.ptr_.known && !of_.ptr_.status) {
    found().warnings.push_back(of_.query_.qname.to_text() + " has SRV and PTR records, PTR is not used");
  }
  if (found().kind == service_kind::type && is_transient(of_.srv_.status)) {
    found().warnings.push_back("no answer for " + to_string(question{of_.query_.qname, rr_type::srv}) + ": " +
                               of_.srv_.status.message());
  }
}

// A caller that lists a service gets a warning about addresses that no server answered for (FAULTS
// O10). A caller that connects has enough.
void walk::concluding::warn_about_families() {
  if (of_.query_.resolution_delay) return;
  for (const rr_type family : {rr_type::a, rr_type::aaaa}) {
    const auto is_unknown = [&](const target_state& t) {
      return !t.addresses.empty() && (family == rr_type::a ? t.ipv4_unanswered : t.ipv6_unanswered);
    };
    const auto first = std::ranges::find_if(of_.targets_, is_unknown);
    if (first == of_.targets_.end()) continue;
    const auto count = std::ranges::count_if(of_.targets_, is_unknown);
    found().warnings.push_back(
        std::string(family == rr_type::a ? "IPv4" : "IPv6") + " addresses of " + first->host.to_text() +
        (count > 1 ? " and " + std::to_string(count - 1) + " more" : "") + " unknown: no answer");
  }
}

bool walk::passes_txt(const txt_record& txt) const {
  return std::ranges::all_of(query_.txt, [&](const txt_condition& wanted) {
    const std::optional<txt_entry> entry = txt.find(wanted.key);
    return entry && (!wanted.value || entry->value == *wanted.value);
  });
}

}  // namespace sdconnect::detail
