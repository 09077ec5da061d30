#include "bench/fleet/discovery.hpp"

#include "sdconnect/resolver/service_watcher.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::bench {
using namespace sdconnect::detail;
namespace {

using namespace std::chrono_literals;

// Round trip to a cache in the same data centre.
constexpr sim_duration fastest_reply = 500us, slowest_reply = 3ms;
// The timeouts of dns_client: one second, then two.
constexpr sim_duration first_timeout = 1s;

// The client watches its service and queries no more often than a watcher.
core_options options_of(const fleet_settings& settings) {
  core_options out;
  out.racing.attempt_delay = settings.attempt_delay;
  out.racing.attempt_timeout = settings.attempt_timeout;
  out.balancing = settings.balancing;
  out.retries = settings.retries;
  out.viewing = {watch_options{}.min_interval, std::chrono::milliseconds::max()};
  out.max_services = 1;
  return out;
}

}  // namespace

fleet_discovery::fleet_discovery(fleet_world& world, std::uint32_t client)
    : world_(world),
      client_(client),
      router_(resolver_options{}, [&world] { return static_cast<std::uint32_t>(world.random() >> 32); }),
      core_(router_, options_of(world.settings), random_engine(world.random()), world.now,
            [this] { has_news_ = true; }) {}

void fleet_discovery::begin() {
  service_ = core_.serve(world_.query, now(), 0);
  service_->view().warm(world_.boot_now());
  perform();
}

void fleet_discovery::on_wake() {
  if (!wakes_at_ || *wakes_at_ > world_.boot_now()) return;  // an earlier event already handled it
  wakes_at_.reset();
  router_.on_time(world_.boot_now());
  perform();
}

void fleet_discovery::on_reply(std::uint32_t query) {
  const auto found = std::ranges::find(pending_, query, &pending_query::number);
  if (found == pending_.end()) return;
  const boot_clock::time_point at = world_.boot_now();
  query_result result;
  if (world_.dns == dns_state::answering) {
    result = world_.answer_to(found->type);
  } else {
    result.report.asked = {world_.query.qname, found->type};
    result.report.status = errc::query_timed_out;
    if (world_.dns == dns_state::failing) {
      result.answer.status = result.report.status = errc::server_failure;
      result.report.server = "192.0.2.53";
    } else if (at < found->deadline) {
      ++world_.meters.at(world_.now).dns_queries;
      const sim_duration left = found->deadline - at;
      world_.push(std::min(left, first_timeout * (2 << found->repetitions++)),
                  {fleet_event::kind::dns_reply, client_, query});
      return;
    }
  }
  pending_.erase(found);
  router_.on_result(query, std::move(result), at);
  perform();
}

void fleet_discovery::perform() {
  for (;;) {
    const lookup_router::actions next = router_.take_actions(world_.boot_now());
    for (const lookup_table::query_to_send& query : next.send) send(query);
    for (const lookup_table::id gone : next.cancel) {
      std::erase_if(pending_, [gone](const pending_query& q) { return q.number == gone; });
    }
    if (!std::exchange(has_news_, false)) break;
    core_.take_news(now());
  }
  sleep();
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
  const std::optional<boot_clock::time_point> next = router_.next_event();
  if (!next || (wakes_at_ && *wakes_at_ <= *next)) return;
  wakes_at_ = std::max(*next, world_.boot_now());
  world_.events.push(sim_time(wakes_at_->time_since_epoch()), {fleet_event::kind::client_wakes, client_});
}

}  // namespace sdconnect::bench
