#include "fleet_simulation.hpp"

#include <utility>

namespace sdconnect::bench {

using kind = fleet_event::kind;

namespace {

balancer_options seeded(balancer_options options, std::uint64_t seed) {
  options.seed = seed;
  return options;
}

}  // namespace

fleet_simulation::client::client(fleet_world& world, std::uint32_t number)
    : discovery(world, number),
      known(std::make_shared<service_memory>(seeded(world.settings.balancing, world.random()), world.now)),
      limits(world.settings.retries, {}, world.now) {}

fleet_simulation::fleet_simulation(const fleet_settings& settings) : world_(settings), clients_(settings.clients) {
  for (std::uint32_t i = 0; i < settings.clients; ++i) {
    world_.push(world_.uniform({}, settings.start_within), {kind::client_starts, i});
  }
}

void fleet_simulation::at(sim_duration after, std::function<void(fleet_world&)> change) {
  world_.events.push(fleet_epoch + after, {kind::change, 0, static_cast<std::uint32_t>(changes_.size())});
  changes_.push_back(std::move(change));
}

void fleet_simulation::run_until(sim_duration after) {
  const sim_time end = fleet_epoch + after;
  while (!world_.events.empty() && world_.events.next_time() < end) {
    world_.now = world_.events.next_time();
    perform(world_.events.pop());
  }
  world_.now = end;
}

void fleet_simulation::perform(const fleet_event& event) {
  switch (event.what) {
    case kind::change: return changes_[event.number](world_);
    case kind::client_starts:
      clients_[event.subject] = std::make_unique<client>(world_, event.subject);
      return clients_[event.subject]->discovery.begin();
    case kind::client_wakes: {
      client& who = *clients_[event.subject];
      who.discovery.on_wake();
      return take_news(who, event.subject);
    }
    case kind::dns_reply: {
      client& who = *clients_[event.subject];
      who.discovery.on_reply(event.number);
      return take_news(who, event.subject);
    }
    case kind::request_begins: return begin_request(event.subject);
    case kind::answer:
    case kind::request_timer:
    case kind::connection_ends: return perform_request(event);
  }
}

void fleet_simulation::take_news(client& of, std::uint32_t number) {
  const std::shared_ptr<const service> view = of.discovery.take_news();
  if (!view) return;
  of.known->take(view->endpoints, world_.now);
  if (of.has_endpoints || view->endpoints.empty()) return;
  of.has_endpoints = true;
  world_.push(world_.exponential(world_.settings.requests_per_s), {kind::request_begins, number});
}

void fleet_simulation::begin_request(std::uint32_t number) {
  client& who = *clients_[number];
  if (free_requests_.empty()) {
    free_requests_.push_back(static_cast<std::uint32_t>(requests_.size()));
    requests_.emplace_back();
  }
  const std::uint32_t slot = free_requests_.back();
  free_requests_.pop_back();
  requests_[slot].begin(world_, {who.known, who.limits, number}, slot);
  if (requests_[slot].is_over()) free_requests_.push_back(slot);
  world_.push(world_.exponential(world_.settings.requests_per_s), {kind::request_begins, number});
}

void fleet_simulation::perform_request(const fleet_event& event) {
  fleet_request& request = requests_[event.subject];
  if (request.generation() != event.generation || request.is_over()) return;
  if (event.what == kind::answer) request.on_answer(event.number);
  if (event.what == kind::request_timer) request.on_timer();
  if (event.what == kind::connection_ends) request.end();
  if (request.is_over()) free_requests_.push_back(event.subject);
}

}  // namespace sdconnect::bench
