#include "sdconnect/connect/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace sdconnect {
namespace {

// A line remains readable up to here; --explain and the attempts themselves tell the rest.
constexpr std::size_t most_listed = 16;

std::string describe(const connect_attempt& attempt) {
  const char* form = attempt.address.is_v4() ? "{} {}:{} ({})" : "{} [{}]:{} ({})";
  return fmt::format(fmt::runtime(form), attempt.target.to_text(), attempt.address.to_text(), attempt.port,
                     attempt.result.message());
}

// The questions about one name that ended alike, e.g. "_x._tcp.example.com. SRV PTR: no such name (127.0.0.1#53)".
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
  }
  return out;
}

}  // namespace

std::string describe_attempts(const connection& tried) {
  const std::size_t listed = std::min(tried.attempts.size(), most_listed);
  std::string line;
  for (std::size_t i = 0; i < listed; ++i) line += (i == 0 ? "" : ", ") + describe(tried.attempts[i]);
  if (tried.attempts.size() > listed) line += fmt::format(", and {} more", tried.attempts.size() - listed);
  return line;
}

std::string explain_failure(error_code ec, const connection& tried) {
  const std::string reasons = tried.attempts.empty()
                                  ? fmt::format("{}", fmt::join(describe_queries(tried.found.queries), ", "))
                                  : describe_attempts(tried);
  return reasons.empty() ? ec.message() : ec.message() + ": " + reasons;
}

}  // namespace sdconnect
