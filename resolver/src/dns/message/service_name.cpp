#include "sdconnect/dns/service_name.hpp"

#include "net/base/ascii.hpp"

#include <algorithm>

namespace sdconnect {

using detail::is_digit;
using detail::is_letter;

namespace {

bool is_transport(std::string_view label) noexcept {
  return equal_ignoring_case(label, "_tcp") || equal_ignoring_case(label, "_udp");
}

}  // namespace

std::optional<service_labels> split_service_name(const name& n) {
  std::optional<service_labels> found;
  name before = n;
  for (name at = n.parent(); !at.is_root(); before = at, at = at.parent()) {
    const std::string_view label = at.first_label();
    const bool udp = equal_ignoring_case(label, "_udp");
    // The last one counts: an instance may also be called "_tcp".
    if (udp || equal_ignoring_case(label, "_tcp")) found = service_labels{udp, at.parent(), before};
  }
  return found;
}

bool is_service_type(const name& n) {
  const name transport = n.parent();
  return n.first_label().size() > 1 && n.first_label().starts_with('_') && is_transport(transport.first_label()) &&
         !is_transport(n.first_label()) && !transport.parent().is_root();
}

bool is_service_instance(const name& n) {
  return !n.is_root() && !equal_ignoring_case(n.first_label(), "_sub") && is_service_type(n.parent());
}

bool is_instance_for(const name& type, const name& n) {
  const std::optional<service_labels> of = split_service_name(type);
  const bool is_in_root_zone = of && of->domain.is_root() && of->type == n.parent();
  if (!is_in_root_zone && !is_service_instance(n)) return false;
  return !of || split_service_name(n)->udp == of->udp;
}

// RFC 6335 §5.1; RFC 6763 §7 adds the underscore.
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
  return !all_digits;  // a target "192.0.2.1." is an address in place of a name
}

std::string host_text(const name& host) {
  std::string text = host.to_text();
  if (!host.is_root()) text.pop_back();
  return text;
}

}  // namespace sdconnect
