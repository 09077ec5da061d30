#include "bench/fleet/simulation.hpp"

#include <utility>

namespace sdconnect::bench {

using kind = fleet_event::kind;

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
      return look_for_endpoints(who, event.subject);
    }
    case kind::dns_reply: {
      client& who = *clients_[event.subject];
      who.discovery.on_reply(event.number);
      return look_for_endpoints(who, event.subject);
    }
    case kind::request_begins: return begin_request(event.subject);
    case kind::answer:
    case kind::request_timer:
    case kind::connection_ends: return perform_request(event);
  }
}

// Requests begin when the client knows an endpoint.
void fleet_simulation::look_for_endpoints(client& of, std::uint32_t number) {
  if (of.has_endpoints || of.discovery.service()->view().view()->endpoints.empty()) return;
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
  requests_[slot].begin(world_, {who.discovery, free_requests_, number}, slot);
  world_.push(world_.exponential(world_.settings.requests_per_s), {kind::request_begins, number});
}

void fleet_simulation::perform_request(const fleet_event& event) {
  fleet_request& request = requests_[event.subject];
  if (request.generation() != event.generation || request.is_over()) return;
  if (event.what == kind::answer) request.on_answer(event.number);
  if (event.what == kind::request_timer) request.on_timer();
  if (event.what == kind::connection_ends) request.end();
}

}  // namespace sdconnect::bench
