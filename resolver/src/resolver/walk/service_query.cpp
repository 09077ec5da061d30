#include "sdconnect/resolver/service_query.hpp"

#include "dns/ascii.hpp"
#include "sdconnect/dns/printable.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

namespace sdconnect {

using detail::is_digit;
using detail::is_letter;

namespace {

bool is_multicast(const name& n) {
  static const name local = *name::from_text("local");
  return n.is_at_or_below(local);
}

result<service_query> query_for(result<name> qname) {
  if (!qname) return qname.error();
  if (qname->label_count() < 2) return errc::bad_service;
  if (is_multicast(*qname)) return errc::multicast_name;
  service_query query;
  query.qname = *qname;
  return query;
}

}  // namespace

result<txt_condition> txt_condition::from_text(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view key = text.substr(0, equals);
  const bool printable = std::ranges::all_of(key, [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (key.empty() || !printable) return errc::bad_service;
  txt_condition condition{std::string(key), std::nullopt};
  if (equals != text.npos) condition.value = std::string(text.substr(equals + 1));
  return condition;
}

result<service_query> service_query::from_text(std::string_view text) { return query_for(name::from_text(text)); }

result<service_query> service_query::from_parts(std::string_view zone, std::string_view service, std::string_view proto,
                                                std::optional<std::string> version) {
  if (proto != "tcp" && proto != "udp") return errc::bad_service;
  result<name> domain = name::from_text(zone);
  if (!domain) return domain.error();
  const result<std::string> label = label_from_text(service);
  if (!label) return label.error();

  result<name> type = domain->child('_' + std::string(proto));
  if (type) type = type->child(label->starts_with('_') ? *label : '_' + *label);
  result<service_query> query = query_for(type);
  if (query) query->version = std::move(version);
  return query;
}

std::optional<service_labels> split_service_name(const name& n) {
  std::optional<service_labels> found;
  name before = n;
  for (name at = n.parent(); !at.is_root(); before = at, at = at.parent()) {
    const std::string_view label = at.first_label();
    const bool udp = equal_ignoring_case(label, "_udp");
    // The last one counts: an instance may be called "_tcp" as well.
    if (udp || equal_ignoring_case(label, "_tcp")) found = service_labels{udp, at.parent(), before};
  }
  return found;
}

// RFC 6335 §5.1; RFC 6763 §7 puts the underscore in front.
std::string service_label_fault(std::string_view label) {
  if (!label.starts_with('_')) return "has no underscore in front";
  label.remove_prefix(1);
  if (label.empty() || label.size() > 15) return "is not 1 to 15 characters long";
  if (!std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; })) {
    return "has characters other than letters, digits and hyphens";
  }
  if (label.front() == '-' || label.back() == '-') return "begins or ends with a hyphen";
  if (label.find("--") != label.npos) return "has two hyphens in a row";
  if (std::ranges::none_of(label, is_letter)) return "has no letter";
  return {};
}

bool is_host_name(const name& n) noexcept {
  if (n.is_root()) return false;
  bool all_digits = true;
  for (const std::string_view label : n.labels()) {
    const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; };
    if (!std::ranges::all_of(label, allowed)) return false;
    if (!std::ranges::all_of(label, is_digit)) all_digits = false;
  }
  return !all_digits;  // "192.0.2.1." as a target is an address put where a name belongs
}

}  // namespace sdconnect
