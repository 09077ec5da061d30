/// \file
/// A lookup table in virtual time with scripted answers.
#pragma once

#include "resolver/lookup/lookup_table.hpp"
#include "unit/resolver/paper_dns.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

/// The same numbers in every run.
inline std::function<std::uint32_t()> seeded(std::uint32_t seed) {
  return [state = seed]() mutable {
    state = state * 1664525u + 1013904223u;
    return state ^ (state >> 16);
  };
}

struct paper_world {
  using time_point = boot_clock::time_point;

  time_point now{std::chrono::hours(1)};
  paper_dns dns;
  lookup_table table;
  std::map<std::string, std::size_t> queries;  ///< sent so far, by question
  error_code broken;                           ///< the error of every query
  std::map<lookup_table::id, lookup> answers;  ///< delivered and not yet fetched

  explicit paper_world(const resolver_options& options = {}) : table(options, seeded(7)) { dns.knows_names = true; }

  [[nodiscard]] std::size_t sent() const {
    std::size_t all = 0;
    for (const auto& [asked, count] : queries) all += count;
    return all;
  }
  [[nodiscard]] query_result result_for(const question& q) const {
    query_result result = dns.answer_to(q);
    if (broken) {
      result.answer = {};
      result.report.status = result.answer.status = broken;
    }
    return result;
  }
  /// Answers every query sent so far.
  void answer_queries() {
    for (const lookup_table::query_to_send& next : table.take_queries()) {
      ++queries[to_string(next.asked)];
      table.on_result(next.number, result_for(next.asked), now);
    }
    for (auto& [waiter, answer] : table.take_answers()) answers.insert_or_assign(waiter, std::move(answer));
  }
  /// Advances time and performs all due work of the table.
  void advance_to(time_point end) {
    while (table.next_event() && *table.next_event() <= end) {
      now = std::max(now, *table.next_event());
      table.on_time(now);
    }
    now = std::max(now, end);
    for (auto& [waiter, answer] : table.take_answers()) answers.insert_or_assign(waiter, std::move(answer));
  }
  void advance(boot_clock::duration by) { advance_to(now + by); }

  /// Asks, and answers the query if there is one.
  lookup look_up(const question& q, lookup_table::mode how = lookup_table::mode::normal) {
    lookup_table::asked asked = table.ask(q, now + std::chrono::seconds(5), how, now);
    if (asked.answer) return *std::move(asked.answer);
    answer_queries();
    REQUIRE(answers.contains(asked.waiter));
    return std::move(answers.extract(asked.waiter).mapped());
  }
};

}  // namespace sdconnect::test
