#include "fleet_discovery.hpp"

#include "sdconnect/resolver/service_watcher.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;

// There and back to a cache in the same data centre.
constexpr sim_duration fastest_reply = 500us, slowest_reply = 3ms;
// As dns_client does it: one second, then two.
constexpr sim_duration first_timeout = 1s;

}  // namespace

fleet_discovery::fleet_discovery(fleet_world& world, std::uint32_t client)
    : world_(world),
      client_(client),
      table_(resolver_options{}, [&world] { return static_cast<std::uint32_t>(world.random() >> 32); }),
      held_(watch_options{}.min_interval),
      machine_(world.query) {}

void fleet_discovery::begin() {
  begin_walk();
  settle();
}

void fleet_discovery::begin_walk() {
  begun_ = world_.boot_now();
  held_.remove_expired(begun_);
  const resolution::how asking{machine_.mode(), walk::detail::parts, &held_};
  walking_ = std::make_unique<resolution>(world_.query, asking, begun_);
  walking_->start(table_, begun_);
}

void fleet_discovery::on_wake() {
  const boot_clock::time_point now = world_.boot_now();
  if (!wakes_at_ || *wakes_at_ > now) return;  // an earlier event has seen to it
  wakes_at_.reset();
  table_.on_time(now);
  if (walking_) {
    walking_->on_time(now);
  } else if (machine_.next_walk() && *machine_.next_walk() <= now) {
    begin_walk();
  }
  settle();
}

void fleet_discovery::on_reply(std::uint32_t query) {
  const auto found = std::ranges::find(pending_, query, &pending_query::number);
  if (found == pending_.end()) return;
  const boot_clock::time_point now = world_.boot_now();
  query_result result;
  if (world_.dns == dns_state::answering) {
    result = world_.answer_to(found->type);
  } else {
    result.report.asked = {world_.query.qname, found->type};
    result.report.status = errc::query_timed_out;
    if (world_.dns == dns_state::failing) {
      result.answer.status = result.report.status = errc::server_failure;
      result.report.server = "192.0.2.53";
    } else if (now < found->deadline) {
      ++world_.meters.at(world_.now).dns_queries;
      const sim_duration left = found->deadline - now;
      world_.push(std::min(left, first_timeout * (2 << found->repetitions++)),
                  {fleet_event::kind::dns_reply, client_, query});
      return;
    }
  }
  pending_.erase(found);
  table_.on_result(query, std::move(result), now);
  settle();
}

// Passes on what is to be passed on until nothing moves any more.
void fleet_discovery::settle() {
  const boot_clock::time_point now = world_.boot_now();
  for (;;) {
    if (walking_) (void)walking_->take_new_waiters();
    if (walking_ && walking_->is_done()) finish_walk();
    for (const lookup_table::query_to_send& next : table_.take_queries()) send(next);
    for (const lookup_table::id gone : table_.take_cancelled()) {
      std::erase_if(pending_, [gone](const pending_query& q) { return q.number == gone; });
    }
    auto answers = table_.take_answers();
    if (answers.empty()) break;
    for (auto& [waiter, found] : answers) {
      if (walking_ && walking_->waits_for(waiter)) walking_->on_answer(table_, waiter, std::move(found), now);
    }
  }
  sleep();
}

void fleet_discovery::finish_walk() {
  const boot_clock::time_point now = world_.boot_now();
  (void)walking_->leave(table_, lookup_table::leaving::satisfied, now);
  walk::conclusion found = walking_->conclude(errc::query_timed_out);
  walking_.reset();
  machine_.on_walk(std::move(found), begun_, now);
}

void fleet_discovery::send(const lookup_table::query_to_send& next) {
  fleet_second& second = world_.meters.at(world_.now);
  ++second.dns_queries;
  if (next.asked.type == rr_type::srv) ++second.srv_queries;
  pending_.push_back({next.number, next.asked.type, next.deadline});
  const sim_duration takes =
      world_.dns == dns_state::silent ? first_timeout : world_.uniform(fastest_reply, slowest_reply);
  world_.push(takes, {fleet_event::kind::dns_reply, client_, static_cast<std::uint32_t>(next.number)});
}

void fleet_discovery::sleep() {
  std::optional<boot_clock::time_point> next = walking_ ? walking_->next_event() : machine_.next_walk();
  if (const auto due = table_.next_event(); due && (!next || *due < *next)) next = due;
  if (!next || (wakes_at_ && *wakes_at_ <= *next)) return;
  wakes_at_ = std::max(*next, world_.boot_now());
  world_.events.push(sim_time(wakes_at_->time_since_epoch()), {fleet_event::kind::client_wakes, client_});
}

std::shared_ptr<const service> fleet_discovery::take_news() {
  const std::optional<watch_update> update = machine_.take(world_.boot_now());
  return update ? update->view : nullptr;
}

}  // namespace sdconnect::bench
