#include "resolver/walk/unanswered_parts.hpp"

#include "resolver/lookup/lookup.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

bool is_address(rr_type type) noexcept { return type == rr_type::a || type == rr_type::aaaa; }

}  // namespace

std::string said_in(const query_report& report) {
  std::string text;
  for (const extended_error& e : extended_errors_of(report)) text += " (" + to_string(e) + ')';
  return text;
}

const query_report* report_of(const question& asked, std::span<const query_report> reports) noexcept {
  const auto report = std::ranges::find(reports, asked, &query_report::asked);
  return report == reports.end() ? nullptr : &*report;
}

void unanswered_parts::note(const name& owner, rr_type type, error_code reason) {
  const auto is_of = [&](const group& g) { return g.type == type && g.reason == reason; };
  auto of = std::ranges::find_if(groups_, is_of);
  if (of == groups_.end()) of = groups_.insert(of, {type, reason, {}, 0});
  if (++of->count <= most_unanswered_named) of->named.push_back(owner);
}

std::vector<std::string> unanswered_parts::warnings(std::span<const query_report> reports, bool connects) const {
  std::vector<std::string> all;
  for (const group& of : groups_) {
    if (connects && (is_address(of.type) || of.type == rr_type::txt)) continue;
    const std::string names = names_in(of), reason = reason_of(of, reports);
    if (is_address(of.type)) {
      all.push_back((of.type == rr_type::a ? "IPv4" : "IPv6") + (" addresses of " + names) + " unknown: " + reason);
    } else {
      all.push_back("no answer for " + names + ": " + reason);
    }
  }
  return all;
}

std::string unanswered_parts::names_in(const group& of) {
  std::string names;
  for (const name& owner : of.named) {
    names +=
        (names.empty() ? "" : ", ") + (is_address(of.type) ? owner.to_text() : to_string(question{owner, of.type}));
  }
  return of.count > of.named.size() ? names + " and " + std::to_string(of.count - of.named.size()) + " more" : names;
}

// What the report of the first question says, and what the name servers add.
std::string unanswered_parts::reason_of(const group& of, std::span<const query_report> reports) {
  const query_report* const report = report_of({of.named.front(), of.type}, reports);
  const bool has_failed = report != nullptr && is_transient(report->status);
  const error_code reason = of.reason || !has_failed ? of.reason : report->status;
  return (reason ? reason.message() : "no answer") + (has_failed ? said_in(*report) : "");
}

}  // namespace sdconnect::detail
