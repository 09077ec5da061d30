/// \file
/// A lookup router in virtual time with scripted answers, and views that use it.
#pragma once

#include "resolver/view/live_view.hpp"
#include "unit/resolver/paper_world.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

struct paper_router {
  using time_point = boot_clock::time_point;

  time_point now{std::chrono::hours(1)};
  paper_dns dns;
  std::optional<lookup_router> router;
  std::map<std::string, std::size_t> queries;  ///< sent so far, by question
  std::map<std::size_t, std::size_t> sent_at;  ///< by second since the start
  error_code broken;                           ///< the error of every query, at once
  bool is_silent = false;                      ///< no query is answered, except by unanswered()
  std::chrono::milliseconds delay{0};          ///< of every answer

  explicit paper_router(const resolver_options& options = {}) {
    dns.knows_names = true;
    use(options);
  }
  /// REQUIRES: no view uses the router yet.
  void use(const resolver_options& options) { router.emplace(options, seeded(7)); }

  [[nodiscard]] std::size_t sent() const {
    std::size_t all = 0;
    for (const auto& [asked, count] : queries) all += count;
    return all;
  }
  [[nodiscard]] std::size_t sent(std::string_view owner, rr_type type) {
    return queries[to_string(question{name_of(owner), type})];
  }
  /// Performs the router's decisions.
  void perform() {
    for (;;) {
      const lookup_router::actions next = router->take_actions(now);
      if (next.send.empty() && next.cancel.empty()) break;
      for (const lookup_table::query_to_send& query : next.send) {
        ++queries[to_string(query.asked)];
        ++sent_at[static_cast<std::size_t>((now - time_point(std::chrono::hours(1))) / std::chrono::seconds(1))];
        const bool is_unanswered = is_silent || std::ranges::count(dns.unanswered, query.asked) > 0;
        under_way_.emplace(query.number, pending{query, is_unanswered ? query.deadline : now + delay, is_unanswered});
      }
      for (const lookup_table::id gone : next.cancel) under_way_.erase(gone);
      if (delay == std::chrono::milliseconds(0)) answer_until(now);
    }
  }
  [[nodiscard]] std::optional<time_point> next_event() const {
    std::optional<time_point> first = router->next_event();
    for (const auto& [number, p] : under_way_) first = std::min(first.value_or(p.ends), p.ends);
    return first;
  }
  /// Advances time and performs all due work of the router.
  void advance_to(time_point end) {
    perform();
    for (auto next = next_event(); next && *next <= end; next = next_event()) {
      now = std::max(now, *next);
      answer_until(now);
      router->on_time(now);
      perform();
    }
    now = std::max(now, end);
  }
  void advance(boot_clock::duration by) { advance_to(now + by); }

 private:
  struct pending {
    lookup_table::query_to_send query;
    time_point ends;
    bool is_unanswered = false;
  };

  void answer_until(time_point end) {
    for (;;) {
      const auto due = std::ranges::find_if(under_way_, [&](const auto& p) { return p.second.ends <= end; });
      if (due == under_way_.end()) return;
      const auto [number, p] = *due;
      under_way_.erase(due);
      router->on_result(number, result_for(p), now);
    }
  }
  [[nodiscard]] query_result result_for(const pending& p) const {
    if (!p.is_unanswered && !broken) return dns.answer_to(p.query.asked);
    query_result result;
    result.report.asked = p.query.asked;
    result.report.status = result.answer.status = p.is_unanswered ? error_code(errc::query_timed_out) : broken;
    return result;
  }

  std::map<lookup_table::id, pending> under_way_;
};

/// A view of one service.
struct paper_view {
  paper_router& world;
  service_query query;
  view_options options;
  std::size_t news = 0;
  std::optional<live_view> live;

  paper_view(paper_router& in, const service_query& q, const view_options& with) : world(in), query(q), options(with) {}

  live_view& begin() {
    if (!live) live.emplace(*world.router, query, options, [this](auto) { ++news; });
    return *live;
  }
  void warm() {
    begin().warm(world.now);
    world.perform();
  }
  live_view::use_result use(std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    auto out = begin().use(world.now + timeout, world.now);
    world.perform();
    if (out.state == live_view::usability::waiting && live->has_settled(out.walk)) out.state = live->state();
    return out;
  }
  void run(boot_clock::duration by) { world.advance(by); }
  std::vector<watch_event> events() {
    const auto update = live->take(world.now);
    return update ? update->events : std::vector<watch_event>();
  }
  [[nodiscard]] lines endpoints() const { return lines_of(*live->view()); }
};

/// The options of a service_watcher.
inline view_options watching(std::chrono::milliseconds min_interval) {
  return {min_interval, std::chrono::milliseconds::max()};
}

/// "added h.example.com.:80", "unknown (name server failure)".
inline std::string text_of(const watch_event& e) {
  const auto where = [&] {
    const endpoint& at = e.after ? *e.after : *e.before;
    return ' ' + at.target.to_text() + ':' + std::to_string(at.port);
  };
  switch (e.kind) {
    case watch_event_kind::added: return "added" + where();
    case watch_event_kind::removed: return "removed" + where();
    case watch_event_kind::changed:
      return "changed" + where() + (e.priority_changed ? " priority" : "") + (e.weight_changed ? " weight" : "") +
             (e.addresses_changed ? " addresses" : "") + (e.instances_changed ? " instances" : "");
    case watch_event_kind::txt_changed: return "txt " + e.instance_after->fullname.to_text();
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
