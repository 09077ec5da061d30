/// \file
/// Answers as values, and a walk that receives them in any order: no messages, no sockets, no
/// clock.
#pragma once

#include "resolver/walk/walk.hpp"
#include "support/name_of.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

inline txt_record txt_of(std::string_view string) {
  std::vector<std::uint8_t> rdata{static_cast<std::uint8_t>(string.size())};
  rdata.insert(rdata.end(), string.begin(), string.end());
  return txt_record::from_rdata(rdata).value();
}

inline srv_record srv_of(std::uint16_t priority, std::uint16_t weight, std::uint16_t port, std::string_view target) {
  return {priority, weight, port, name_of(target)};
}

/// The lookup that a query result becomes; its TTL begins now.
inline lookup looked_up(query_result result, boot_clock::time_point now = {}) {
  lookup out;
  out.status = result.report.status;
  out.report = std::move(result.report);
  out.ttl = result.answer.ttl;
  out.received = now;
  out.again_at = out.expires = now + out.ttl;
  const bool is_alias = result.answer.alias_count > 0;
  if (!out.status || out.status == errc::nxdomain || out.status == errc::no_data || is_alias) {
    out.data = std::make_shared<const answer>(std::move(result.answer));
  } else {
    out.failure = out.status;
  }
  return out;
}

struct paper_dns {
  std::unordered_map<question, query_result> results;
  std::vector<question> asked;
  std::vector<question> unanswered;  ///< never get an answer
  std::chrono::seconds negative_ttl{0};
  bool knows_names = false;  ///< gives no_data instead of nxdomain for another type of a defined name

  paper_dns& set(const question& q, query_result result) {
    result.report.asked = q;
    result.report.status = result.answer.status;
    result.report.server = "paper";
    results[q] = std::move(result);
    return *this;
  }
  paper_dns& data(std::string_view owner, rr_type type, rrset_data records,
                  std::chrono::seconds ttl = std::chrono::seconds(60)) {
    query_result result;
    result.answer.canonical = name_of(owner);
    result.answer.records = std::move(records);
    result.answer.ttl = ttl;
    return set({name_of(owner), type}, std::move(result));
  }
  paper_dns& srv(std::string_view owner, std::vector<srv_record> records) {
    return data(owner, rr_type::srv, std::move(records));
  }
  paper_dns& txt(std::string_view owner, std::string_view string) {
    return data(owner, rr_type::txt, std::vector{txt_of(string)});
  }
  paper_dns& ptr(std::string_view owner, const std::vector<std::string>& targets) {
    std::vector<name> names;
    for (const std::string& target : targets) names.push_back(name_of(target));
    return data(owner, rr_type::ptr, std::move(names));
  }
  paper_dns& a(std::string_view owner, const std::vector<std::string>& addresses) {
    return host(owner, rr_type::a, addresses);
  }
  paper_dns& aaaa(std::string_view owner, const std::vector<std::string>& addresses) {
    return host(owner, rr_type::aaaa, addresses);
  }
  paper_dns& fail(std::string_view owner, rr_type type, error_code status) {
    query_result result;
    result.answer.status = status;
    result.answer.canonical = name_of(owner);
    return set({name_of(owner), type}, std::move(result));
  }
  /// An alias whose target is not in the answer.
  paper_dns& alias(std::string_view owner, rr_type type, std::string_view target) {
    query_result result;
    result.answer.status = errc::empty_answer;
    result.answer.canonical = name_of(target);
    result.answer.alias_count = 1;
    return set({name_of(owner), type}, std::move(result));
  }
  /// Adds additional records to an answer that is already defined.
  paper_dns& with(std::string_view owner, rr_type type, std::string_view host, std::vector<std::string> addresses) {
    rrset set{name_of(host), rr_type::a, std::chrono::seconds(60), addresses_of(addresses)};
    if (addresses.at(0).find(':') != std::string::npos) set.type = rr_type::aaaa;
    results.at({name_of(owner), type}).answer.additional.push_back(std::move(set));
    return *this;
  }

  /// Returns nxdomain for an undefined name.
  [[nodiscard]] query_result answer_to(const question& q) const {
    if (const auto found = results.find(q); found != results.end()) return found->second;
    query_result none;
    none.report.asked = q;
    none.report.server = "paper";
    const bool exists = knows_names && std::ranges::any_of(results, [&](const auto& known) {
                          return known.first.qname == q.qname && !known.second.answer.status;
                        });
    none.report.status = none.answer.status = exists ? errc::no_data : errc::nxdomain;
    none.answer.canonical = q.qname;
    none.answer.ttl = negative_ttl;
    return none;
  }

  [[nodiscard]] std::size_t times_asked(std::string_view owner, rr_type type) const {
    return static_cast<std::size_t>(std::ranges::count(asked, question{name_of(owner), type}));
  }
  [[nodiscard]] std::size_t times_asked_for(rr_type type) const {
    return static_cast<std::size_t>(std::ranges::count(asked, type, &question::type));
  }

 private:
  static std::vector<ip_address> addresses_of(const std::vector<std::string>& texts) {
    std::vector<ip_address> out;
    for (const std::string& text : texts) out.push_back(ip_address::from_text(text).value());
    return out;
  }
  paper_dns& host(std::string_view owner, rr_type type, const std::vector<std::string>& addresses) {
    return data(owner, type, addresses_of(addresses));
  }
};

/// Selects which of `n` pending queries is answered next.
using chooser = std::function<std::size_t(std::size_t n)>;

inline std::size_t first_of(std::size_t) { return 0; }
inline std::size_t last_of(std::size_t n) { return n - 1; }

/// The part of a conclusion that the resolver's caller sees.
struct concluded {
  error_code status;
  service found;
};
inline concluded seen_of(walk::conclusion end) { return {end.status, std::move(end.found)}; }

/// Runs the walk to its end, or until only unanswered queries are left.
inline concluded conclude(const service_query& query, paper_dns& dns, const chooser& choose = first_of) {
  walk w(query);
  std::vector<question> under_way;
  walk::step step = w.start();
  dns.asked.clear();
  while (!step.done) {
    for (const question& q : step.ask) {
      REQUIRE(std::ranges::find(dns.asked, q) == dns.asked.end());
      dns.asked.push_back(q);
      if (std::ranges::find(dns.unanswered, q) == dns.unanswered.end()) under_way.push_back(q);
    }
    if (under_way.empty()) break;
    const auto next = under_way.begin() + static_cast<std::ptrdiff_t>(choose(under_way.size()));
    const question q = *next;
    under_way.erase(next);
    step = w.on_result(q, looked_up(dns.answer_to(q)), {});
  }
  return seen_of(w.conclude(errc::query_timed_out));
}

inline service_query query_of(std::string_view text) { return service_query::from_text(text).value(); }

/// "h1.example.com.:80 192.0.2.1 2001:db8::1", one line for each endpoint.
inline std::vector<std::string> lines_of(const service& s) {
  std::vector<std::string> lines;
  for (const endpoint& e : s.endpoints) {
    std::string& line = lines.emplace_back(e.target.to_text() + ':' + std::to_string(e.port));
    std::vector<ip_address> sorted = e.addresses;
    std::ranges::sort(sorted);
    for (const ip_address& address : sorted) line += ' ' + address.to_text();
    if (e.unresolved) line += " (" + e.unresolved.message() + ')';
  }
  return lines;
}

inline bool has_warning(const service& s, std::string_view part) {
  return std::ranges::any_of(s.warnings, [&](const std::string& w) { return w.find(part) != w.npos; });
}

using lines = std::vector<std::string>;

}  // namespace sdconnect::test
