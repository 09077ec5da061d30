// The second half of a walk: what the collected answers mean.
#include "resolver/walk.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sdconnect {
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

walk::conclusion walk::finish(error_code if_unknown) {
  std::vector<part> parts;
  faults seen;
  const bool is_complete = name_error_ || is_settled();
  error_code status = name_error_ ? name_error_ : decide_kind(if_unknown);
  if (own_ptr_ && found_.kind != service_kind::instance) note(*own_ptr_);
  bool is_kind_known = !is_transient(status);
  if (!status) {
    switch (found_.kind) {
      case service_kind::instance: conclude_instance(own_, parts, seen, if_unknown); break;
      case service_kind::type:
        // A name whose SRV records nobody could tell may be an instance all the same.
        is_kind_known = srv_.known && !is_transient(srv_.status);
        for (instance_state& instance : instances_) conclude_instance(instance, parts, seen, if_unknown);
        break;
      case service_kind::address: conclude_addresses(parts, if_unknown); break;
      case service_kind::none: break;
    }
    std::vector<endpoint> endpoints;
    endpoints.reserve(parts.size());
    for (part& p : parts) endpoints.push_back(detail_ == detail::parts ? p.where : std::move(p.where));
    if (detail_ == detail::merged) parts.clear();
    std::tie(found_.endpoints, seen.over_limit) = merged(std::move(endpoints));
    warn_about(seen);
    status = endpoint_status(seen);
  }
  found_.authenticated = any_answer_ && all_authenticated_;
  if (!is_complete && !failure_) failure_ = if_unknown;
  return {status, std::move(found_), std::move(parts), is_kind_known, failure_, again_at_};
}

// What the name is, or why that is not known (rule 2).
error_code walk::decide_kind(error_code if_unknown) {
  const bool has_srv = srv_.known && !srv_.status;
  const bool has_ptr = ptr_.known && !ptr_.status;
  if (has_srv || has_ptr || asked_own_addresses_) {
    found_.kind = has_srv ? service_kind::instance : has_ptr ? service_kind::type : service_kind::address;
    return {};
  }
  for (const own_status& own : {ptr_, srv_}) {
    if (own.known && is_transient(own.status)) return own.status;
  }
  if (!ptr_.known || !srv_.known) return if_unknown;
  // A name can exist for one type only, so a single "no data" proves that it does.
  return ptr_.status == errc::nxdomain && (is_type_only() || srv_.status == errc::nxdomain) ? errc::nxdomain
                                                                                            : errc::no_data;
}

void walk::conclude_instance(instance_state& instance, std::vector<part>& out, faults& seen, error_code if_unknown) {
  service_instance& shown = instance.shown;
  const bool filters_by_txt = !query_.txt.empty();
  if (query_.want_txt && !instance.txt_answered) shown.txt_status = if_unknown;
  if (filters_by_txt && !shown.txt_status && !passes_txt(shown.txt)) {
    ++seen.filtered;
    return;
  }
  if (!instance.srv_known) {
    shown.status = if_unknown;
  } else if (instance.srv_status) {
    shown.status = instance.srv_status;
  } else if (filters_by_txt) {
    shown.status = shown.txt_status;
  }
  if (is_transient(shown.status)) {
    seen.transient = shown.status;
    found_.warnings.push_back("no answer for " + shown.fullname.to_text() + ": " + shown.status.message());
  }

  std::size_t unavailable = 0;
  if (!shown.status) {
    for (const srv_record& record : instance.srv) {
      if (record.target.is_root()) {
        ++unavailable;
      } else if (record.port == 0) {
        ++seen.no_port;
      } else if (!is_host_name(record.target)) {
        ++seen.bad_target;
        found_.warnings.push_back("SRV target " + record.target.to_text() + " is not a host name, not used");
      } else if (is_refused(record.target)) {
        ++seen.out_of_domain;
      } else {
        part p{
            {record.target, record.port, record.priority, record.weight, {}, {shown.fullname}, instance.srv_ttl, {}}};
        fill_addresses(p, if_unknown);
        out.push_back(std::move(p));
      }
    }
    // The target "." means "decidedly not available" when it stands alone; beside others it is passed over.
    if (unavailable > 0 && unavailable == instance.srv.size()) shown.status = errc::service_unavailable;
    seen.unavailable += unavailable;
  }
  found_.instances.push_back(std::move(shown));
}

void walk::conclude_addresses(std::vector<part>& out, error_code if_unknown) {
  part p{{query_.qname, *query_.default_port, 0, 0, {}, {}, std::chrono::seconds::max(), {}}};
  fill_addresses(p, if_unknown);
  if (p.where.unresolved) p.where.ttl = {};
  out.push_back(std::move(p));
}

void walk::fill_addresses(part& p, error_code if_unknown) const {
  endpoint& e = p.where;
  const auto found = target_index_.find(e.target);
  if (found == target_index_.end() || found->second >= targets_.size()) {
    e.unresolved = errc::no_data;
    return;
  }
  const target_state& target = targets_[found->second];
  p.ipv4_unknown = target.ipv4_unknown;
  p.ipv6_unknown = target.ipv6_unknown;
  e.addresses = target.addresses;
  e.ttl = std::min(e.ttl, target.ttl);
  if (!e.addresses.empty()) return;
  e.unresolved = target.pending > 0 ? if_unknown : target.status;
  if (target.has_refused_address) e.unresolved = errc::refused_address;
  if (!e.unresolved) e.unresolved = errc::no_data;
}

error_code walk::endpoint_status(const faults& seen) const {
  error_code transient = seen.transient;
  error_code absent;
  for (const endpoint& e : found_.endpoints) {
    if (!e.unresolved) return {};
    (is_transient(e.unresolved) ? transient : absent) = e.unresolved;
  }
  if (transient) return transient;
  if (found_.kind == service_kind::address) return absent;
  if (!found_.endpoints.empty()) return errc::no_usable_endpoint;
  if (seen.no_port + seen.bad_target > 0) return errc::no_usable_endpoint;
  if (seen.out_of_domain + refused_instances_ > 0) return errc::out_of_domain;
  if (seen.unavailable > 0) return errc::service_unavailable;
  if (found_.instances.empty()) return errc::no_matching_instance;
  return found_.instances.front().status;  // listed, yet without SRV records
}

void walk::warn_about(const faults& seen) {
  const auto warn = [this](std::size_t n, std::string_view what) {
    if (n > 0) found_.warnings.push_back(counted(n, what));
  };
  if (seen.unavailable > 0 && !found_.endpoints.empty()) warn(seen.unavailable, "with target \".\" passed over");
  const auto unresolved =
      std::ranges::count_if(found_.endpoints, [](const endpoint& e) { return e.unresolved.failed(); });
  if (unresolved > 0) {
    const auto first = std::ranges::find_if(found_.endpoints, [](const endpoint& e) { return e.unresolved.failed(); });
    found_.warnings.push_back(std::to_string(unresolved) + " of " + std::to_string(found_.endpoints.size()) +
                              " endpoints without address, the first is " + first->target.to_text() + ": " +
                              first->unresolved.message());
  }
  if (stale_answers_ > 0) {
    found_.warnings.push_back(std::to_string(stale_answers_) + " answer(s) kept beyond their TTL, the first is " +
                              first_stale_);
  }
  if (found_.dropped_records > 0) {
    found_.warnings.push_back(std::to_string(found_.dropped_records) +
                              " record(s) of the answers malformed or of foreign names, not used");
  }
  warn(seen.no_port, "with port 0 not used");
  warn(seen.out_of_domain, "with a target outside " + domain_.to_text() + " refused");
  if (refused_instances_ > 0) {
    found_.warnings.push_back(std::to_string(refused_instances_) + " instance(s) outside " + domain_.to_text() +
                              " refused");
  }
  if (seen.over_limit > 0) {
    found_.warnings.push_back(std::to_string(seen.over_limit) + " endpoints above the limit of " +
                              std::to_string(max_endpoints) + " left out");
  }
  if (found_.kind == service_kind::instance && ptr_.known && !ptr_.status) {
    found_.warnings.push_back(query_.qname.to_text() + " has SRV and PTR records, PTR is not used");
  }
  if (found_.kind == service_kind::type && is_transient(srv_.status)) {
    found_.warnings.push_back("no answer for " + to_string(question{query_.qname, rr_type::srv}) + ": " +
                              srv_.status.message());
  }
}

bool walk::passes_txt(const txt_record& txt) const {
  return std::ranges::all_of(query_.txt, [&](const txt_condition& wanted) {
    const std::optional<txt_entry> entry = txt.find(wanted.key);
    return entry && (!wanted.value || entry->value == *wanted.value);
  });
}

}  // namespace sdconnect
