// What a walk does with each answer.
#include "net/base/ascii.hpp"
#include "resolver/walk/walk.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>

namespace sdconnect::detail {
namespace {

// Rule 8. Enough to see what happened; the reports of the largest service would take 20 MiB, several times.
constexpr std::size_t most_reports = max_named;
// RFC 6763 §6.2 wants a TXT record to fit into a packet, 1,300 octets; a message leads to at most
// 5,000 instances.
constexpr std::size_t most_txt_octets = std::size_t{4} << 20;
constexpr std::size_t most_bad_targets = 8;  // of one instance, named in warnings

}  // namespace

void walk::warn(std::string text) {
  if (found_.warnings.size() < most_warnings) {
    found_.warnings.push_back(std::move(text));
  } else {
    ++warnings_left_out_;
  }
}

void walk::report(const query_report& of) {
  if (found_.queries.size() < most_reports) {
    found_.queries.push_back(of);
  } else {
    ++found_.queries_left_out;
  }
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
  for (std::uint32_t i = 0; i < instances_.size(); ++i) {
    plan({purpose::instance_srv, i}, rr_type::srv);
    if (wants_txt()) plan({purpose::instance_txt, i}, rr_type::txt);
  }
}

// Returns the instances whose names pass the filters, each once (RFC 6763 §8), sorted, because the
// order of PTR records depends on the server (FAULTS O38).
std::vector<const name*> walk::select(const std::vector<name>& targets) {
  std::vector<const name*> selected;
  std::unordered_set<name> seen;
  const name* first_other = nullptr;
  for (const name& n : targets) {
    if (!seen.insert(n).second) continue;
    if (is_instance_for(query_.qname, n)) {
      selected.push_back(&n);
    } else if (not_instances_++ == 0) {
      first_other = &n;
    }
  }
  if (first_other != nullptr) {
    warn(std::to_string(not_instances_) + " PTR target(s) left out that name no instance of a service, the first is " +
         first_other->to_text() + " (RFC 6763, section 4.1)");
  }
  std::sort(selected.begin(), selected.end(), [](const name* a, const name* b) { return *a < *b; });
  const std::vector<const name*> all = selected;
  const auto is_labelled = [](std::string_view wanted) {
    return [wanted](const name* n) { return equal_ignoring_case(n->first_label(), wanted); };
  };
  if (query_.version) {
    // Compares whole labels: "v1" matches "v1" or "_v1", never "_v10".
    const std::string with_underscore = '_' + *query_.version;
    const bool has_plain = std::ranges::any_of(selected, is_labelled(*query_.version));
    std::erase_if(selected, std::not_fn(is_labelled(has_plain ? *query_.version : with_underscore)));
  }
  if (query_.instance) std::erase_if(selected, std::not_fn(is_labelled(*query_.instance)));
  has_filtered_ = !all.empty() && selected.empty();
  note_left_out(all, selected);
  refused_instances_ = std::erase_if(selected, [&](const name* n) { return is_refused(*n); });
  return selected;
}

// Both are sorted.
void walk::note_left_out(const std::vector<const name*>& instances, const std::vector<const name*>& selected) {
  for (const name* n : instances) {
    if (std::ranges::binary_search(selected, *n, std::less<>(), [](const name* s) -> const name& { return *s; }))
      continue;
    ++found_.left_out_count;
    if (found_.left_out.size() < max_named) found_.left_out.push_back(*n);
  }
}

bool walk::is_address_text(const name& target) noexcept {
  return std::ranges::all_of(target.labels(),
                             [](std::string_view label) { return std::ranges::all_of(label, is_digit); });
}

// Asks for the targets of a set of records once, however many instances have it.
void walk::on_instance_srv(instance_state& instance, const lookup& result) {
  instance.srv_known = true;
  instance.srv_status = result.status;
  if (result.status) return;
  std::vector<srv_record> records = std::get<std::vector<srv_record>>(result.data->records);
  make_set(records);
  remove_unusable(records, instance.seen);
  instance.srv_ttl = result.ttl;
  const auto [number, is_new] = sets_.add(std::move(records));
  instance.srv = number;
  if (!is_new) return;
  const std::shared_ptr<const srv_set> set = sets_.at(number);
  for (const srv_record& record : *set) ask_for_addresses(record.target);
}

// A target may be any name, not only a host name (RFC 2181 §11), but an address is none.
void walk::remove_unusable(std::vector<srv_record>& records, faults& seen) const {
  std::erase_if(records, [&](const srv_record& record) -> bool {
    if (record.target.is_root()) return ++seen.unavailable, true;
    if (record.port == 0) return ++seen.no_port, true;
    if (is_address_text(record.target)) {
      ++seen.bad_target;
      if (seen.bad_targets.size() < most_bad_targets) seen.bad_targets.push_back(record.target);
      return true;
    }
    return is_refused(record.target) && ++seen.out_of_domain > 0;
  });
}

void walk::on_txt(instance_state& instance, const lookup& result) {
  instance.txt_answered = true;
  // A missing record equals an empty one (RFC 6763 §6.1); without an answer nothing is known.
  if (is_transient(result.status)) instance.shown.txt_status = result.status;
  if (result.status) return;
  const auto& variants = std::get<std::vector<txt_record>>(result.data->records);
  // Servers rotate the records of an answer; the choice must not depend on that.
  const txt_record& smallest = *std::ranges::min_element(variants, {}, &txt_record::rdata);
  // A set has no duplicates (RFC 2181 §5).
  std::unordered_set<std::string_view> different;
  for (const txt_record& variant : variants) different.insert(variant.rdata());
  if (different.size() > 1) {
    warn(instance.shown.fullname.to_text() + " has " + std::to_string(different.size()) +
         " TXT records, the smallest by octets is used");
  }
  if (txt_octets_ + smallest.rdata().size() > most_txt_octets) {
    instance.shown.txt_status = make_error_code(boost::system::errc::message_size);
    has_cut_ = true;
    return warn("TXT record of " + instance.shown.fullname.to_text() + " left out: the records of all instances have " +
                "more than " + std::to_string(most_txt_octets) + " octets");
  }
  txt_octets_ += smallest.rdata().size();
  instance.shown.txt = smallest;
}

void walk::ask_for_addresses(const name& host) {
  const auto [first, last] = target_index_.equal_range(host.hash());
  if (std::any_of(first, last, [&](const auto& known) -> bool { return targets_[known.second].host == host; })) return;
  if (targets_.size() == max_endpoints) {
    has_cut_ = true;
    return;
  }
  const auto index = static_cast<std::uint32_t>(targets_.size());
  target_index_.emplace(host.hash(), index);
  target_state& target = targets_.emplace_back();
  target.host = host;
  target.ipv4_unknown = target.ipv4_unanswered = query_.want_ipv4;
  target.ipv6_unknown = target.ipv6_unanswered = query_.want_ipv6;
  target.pending = std::size_t{query_.want_ipv4} + std::size_t{query_.want_ipv6};
  if (query_.want_ipv4) plan({purpose::address, index}, rr_type::a);
  if (query_.want_ipv6) plan({purpose::address, index}, rr_type::aaaa);
}

// RFC 2782 "Target" forbids aliases for SRV targets, but not for the queried name itself.
void walk::note_alias(target_state& target) {
  if (target.is_alias || asked_own_addresses_) return;
  target.is_alias = true;
  warn(target.host.to_text() + " is an alias, which a SRV target must not be (RFC 2782)");
}

// The other domain decides where such a target leads.
void walk::refuse_alias(target_state& target, const name& canonical) {
  if (std::exchange(target.is_refused, true)) return;
  target.is_alias = true;  // the warning below says so
  warn(target.host.to_text() + " is an alias of " + canonical.to_text() + " outside " + allowed_.to_text() +
       ", refused");
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
    if (!address.is_connectable()) {
      refuse(target, address);
      continue;
    }
    if (std::ranges::find(target.addresses, address) != target.addresses.end()) continue;
    const bool is_full = target.addresses.size() == max_addresses_per_target;
    if (is_full || !addresses_.admit(target.addresses, address.family())) {
      has_cut_ = true;
      warn(target.host.to_text() + " has more than " + std::to_string(target.addresses.size()) +
           " addresses, the rest is left out");
      return;
    }
    target.addresses.push_back(address);
  }
}

void walk::refuse(target_state& target, const ip_address& address) {
  target.has_refused_address = true;
  if (found_.warnings.size() == most_warnings) {
    ++warnings_left_out_;
    return;
  }
  warn(target.host.to_text() + " has the address " + address.to_text() +
       ", which nothing can be connected to, not used");
}

// If SRV and PTR records are certainly both absent, asks for the addresses of the host (rule 2).
void walk::consider_own_addresses() {
  const bool both_absent =
      srv_.known && srv_.status == condition::absent && ptr_.known && ptr_.status == condition::absent;
  if (!both_absent || !query_.default_port || is_type_only() || !is_host_name(host_)) return;
  asked_own_addresses_ = true;
  ask_for_addresses(host_);
}

}  // namespace sdconnect::detail
