/// \file
/// A lookup table in virtual time, whose queries are answered from paper.
#pragma once

#include "resolver/lookup_table.hpp"
#include "resolver/watch_machine.hpp"
#include "unit/resolver/paper_dns.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {

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
  error_code broken;                           ///< how every query fails
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
  /// Every query sent is answered now.
  void answer_queries() {
    for (const lookup_table::query_to_send& next : table.take_queries()) {
      ++queries[to_string(next.asked)];
      table.on_result(next.number, result_for(next.asked), now);
    }
    for (auto& [waiter, answer] : table.take_answers()) answers.insert_or_assign(waiter, std::move(answer));
  }
  /// Time passes, with everything the table wants to do in it.
  void advance_to(time_point end) {
    while (table.next_event() && *table.next_event() <= end) {
      now = std::max(now, *table.next_event());
      table.on_time(now);
    }
    now = std::max(now, end);
    for (auto& [waiter, answer] : table.take_answers()) answers.insert_or_assign(waiter, std::move(answer));
  }
  void advance(boot_clock::duration by) { advance_to(now + by); }

  /// Asks, and has the query answered if there is one.
  lookup look_up(const question& q, lookup_table::mode how = lookup_table::mode::normal) {
    lookup_table::asked asked = table.ask(q, now + std::chrono::seconds(5), how, now);
    if (asked.answer) return *std::move(asked.answer);
    answer_queries();
    REQUIRE(answers.contains(asked.waiter));
    return std::move(answers.extract(asked.waiter).mapped());
  }
};

/// One watcher in it, whose queries are answered without delay.
struct paper_watcher {
  paper_world& world;
  service_query query;
  held_answers held;
  watch_machine machine;
  std::size_t walks = 0;

  paper_watcher(paper_world& in, const service_query& q, std::chrono::milliseconds min_interval)
      : world(in), query(q), held(min_interval), machine(q) {}

  void walk_now() {
    const auto begun = world.now;
    ++walks;
    held.remove_expired(begun);
    resolution r(query, {machine.mode(), walk::detail::parts, &held}, begun);
    r.start(world.table, begun);
    while (!r.is_done()) {
      std::vector<lookup_table::id> waiters = r.take_new_waiters();
      world.answer_queries();
      REQUIRE_FALSE(waiters.empty());
      for (const lookup_table::id waiter : waiters) {
        if (auto answer = world.answers.extract(waiter)) {
          r.on_answer(world.table, waiter, std::move(answer.mapped()), world.now);
        }
      }
    }
    world.answer_queries();
    for (const lookup_table::id waiter : r.leave(world.table, lookup_table::leaving::satisfied, world.now)) {
      world.answers.erase(waiter);
    }
    machine.on_walk(r.conclude(errc::query_timed_out), begun, world.now);
  }
  void run_until(boot_clock::time_point end) {
    while (machine.next_walk() && *machine.next_walk() <= end) {
      world.advance_to(*machine.next_walk());
      walk_now();
    }
    world.advance_to(end);
  }
  void run(boot_clock::duration by) { run_until(world.now + by); }
  std::vector<watch_event> events() {
    const auto update = machine.take(world.now);
    return update ? update->events : std::vector<watch_event>();
  }
};

/// "added h.example.com.:80", "unknown (name server failure)".
inline std::string text_of(const watch_event& e) {
  const auto where = [&] {
    const endpoint& at = e.after ? *e.after : e.before.value();
    return ' ' + at.target.to_text() + ':' + std::to_string(at.port);
  };
  switch (e.kind) {
    case watch_event_kind::added: return "added" + where();
    case watch_event_kind::removed: return "removed" + where();
    case watch_event_kind::changed:
      return "changed" + where() + (e.priority_changed ? " priority" : "") + (e.weight_changed ? " weight" : "") +
             (e.addresses_changed ? " addresses" : "") + (e.instances_changed ? " instances" : "");
    case watch_event_kind::txt_changed: return "txt " + e.instance_after.value().fullname.to_text();
    case watch_event_kind::unknown: return "unknown (" + e.reason.message() + ')';
    case watch_event_kind::stale: return "stale (" + e.reason.message() + ')';
    case watch_event_kind::recovered: return "recovered";
  }
  return {};
}
inline std::vector<std::string> texts_of(const std::vector<watch_event>& events) {
  std::vector<std::string> out;
  for (const watch_event& e : events) out.push_back(text_of(e));
  return out;
}

}  // namespace sdconnect::test
