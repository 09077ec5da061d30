#include "sdconnect/connect/connector.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace sdconnect {
namespace {

// Keeps the line readable; --explain and the attempts themselves tell the rest.
constexpr std::size_t most_listed = 16;

std::string describe(const connect_attempt& attempt) {
  const char* form = attempt.address.is_v4() ? "{} {}:{} ({})" : "{} [{}]:{} ({})";
  return fmt::format(fmt::runtime(form), attempt.target.to_text(), attempt.address.to_text(), attempt.port,
                     attempt.result.message());
}

// Groups the queries for one name that ended with the same status, e.g. "_x._tcp.example.com. SRV
// PTR: no such name (127.0.0.1#53)".
std::vector<std::string> describe_queries(const std::vector<query_report>& queries) {
  std::vector<std::string> out;
  std::vector<const query_report*> left;
  for (const query_report& report : queries) {
    if (report.status) left.push_back(&report);
  }
  while (!left.empty() && out.size() <= most_listed) {
    const query_report& first = *left.front();
    std::string types;
    std::erase_if(left, [&](const query_report* other) {
      if (other->asked.qname != first.asked.qname || other->status != first.status) return false;
      types += ' ' + to_string(other->asked.type);
      return true;
    });
    std::string& line = out.emplace_back(first.asked.qname.to_text() + types + ": " + first.status.message());
    if (!first.attempts.empty()) line += " (" + first.attempts.back().server + ')';
    for (const extended_error& e : extended_errors_of(first)) line += ", " + to_string(e);
  }
  return out;
}

// "more" than those that were tried, if any was.
std::string count_of(std::size_t endpoints, const connection& tried) {
  return fmt::format("{} {}endpoint{}", endpoints, tried.attempts.empty() ? "" : "more ", endpoints == 1 ? "" : "s");
}

// Describes what was not tried, and why: otherwise "no endpoint reachable" would say more than is
// known.
std::vector<std::string> describe_restraint(const connection& tried) {
  const connect_restraint& restraint = tried.restraint;
  std::vector<std::string> out;
  if (restraint.at_limit > 0)
    out.push_back(count_of(restraint.at_limit, tried) + " at the limit of connections in flight");
  const std::string untried = restraint.untried > 0 ? count_of(restraint.untried, tried) + " not tried: " : "";
  if (restraint.retry_budget) out.push_back(untried + "retry budget exhausted");
  if (restraint.rate) out.push_back(untried + "limit of attempts per second reached");
  return out;
}

}  // namespace

std::string describe_untried(const connection& tried) {
  if (tried.untried.empty()) return {};
  std::vector<std::string> names;
  for (const untried_endpoint& e : tried.untried) {
    if (names.size() == most_listed) break;
    names.push_back(fmt::format("{}:{}", host_text(e.target), e.port));
  }
  std::string line =
      fmt::format("untried{}: {}", tried.restraint.deadline ? " for lack of time" : "", fmt::join(names, ", "));
  if (tried.untried.size() > names.size()) line += fmt::format(", and {} more", tried.untried.size() - names.size());
  return line;
}

std::string describe_attempts(const connection& tried) {
  const std::size_t listed = std::min(tried.attempts.size(), most_listed);
  std::string line;
  for (std::size_t i = 0; i < listed; ++i) line += (i == 0 ? "" : ", ") + describe(tried.attempts[i]);
  if (tried.attempts.size() > listed) line += fmt::format(", and {} more", tried.attempts.size() - listed);
  return line;
}

std::string explain_failure(error_code ec, const connection& tried) {
  std::vector<std::string> reasons = describe_restraint(tried);
  if (tried.restraint.deadline && !tried.untried.empty()) reasons.push_back(describe_untried(tried));
  // Queries tell why there was no endpoint to connect to, not why an endpoint was not tried.
  const std::string first = !tried.attempts.empty() ? describe_attempts(tried)
                            : reasons.empty()
                                ? fmt::format("{}", fmt::join(describe_queries(tried.found->queries), ", "))
                                : "";
  if (!first.empty()) reasons.insert(reasons.begin(), first);
  // The root name means that the caller passed the endpoints.
  std::string line = ec.message();
  const std::string service = tried.found->query.is_root() ? "" : tried.found->query.to_text();
  const bool is_named = !reasons.empty() && reasons.front().starts_with(service);
  if (!service.empty() && !is_named) line += ": " + service;
  return reasons.empty() ? line : fmt::format("{}: {}", line, fmt::join(reasons, "; "));
}

}  // namespace sdconnect
