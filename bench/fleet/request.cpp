#include "bench/fleet/request.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::bench {
using namespace sdconnect::detail;
namespace {

using namespace std::chrono_literals;

// Round trip of SYN and SYN-ACK in a data centre.
constexpr sim_duration fastest_answer = 500us, slowest_answer = 1500us;

}  // namespace

void fleet_request::begin(fleet_world& world, const owner& of, std::uint32_t slot) {
  world_ = &world;
  client_ = &of.client;
  free_slots_ = &of.free_slots;
  number_ = of.number;
  slot_ = slot;
  ++generation_;
  attempts_ = 0;
  is_over_ = breaks_ = false;
  started_ = world.now;
  wakes_at_ = sim_time::max();
  ++world.meters.at(world.now).requests;
  const std::shared_ptr<live_service>& service = client_->service();
  service->add(*this);
  race_options racing = client_->core().options.racing;
  racing.deadline = world.now + world.settings.request_timeout;
  machine_.emplace(
      service, client_->core().limits, racing,
      [memory = service->memory().get()](sim_time at) { return memory->plan(at); }, client_->now());
  perform(machine_->start(world.now));
  client_->perform();
}

void fleet_request::perform(const race::step& next) {
  for (const std::size_t candidate : next.abandon) {
    std::erase_if(awaited_, [candidate](const awaited& a) { return a.candidate == candidate; });
  }
  for (const std::size_t candidate : next.start) start(candidate);
  if (next.done) return finish();
  // If an answer arrives earlier, the timer would find nothing to do.
  const auto is_before = [&](const awaited& a) { return a.at <= next.wake; };
  if (next.wake == wakes_at_ || std::ranges::any_of(awaited_, is_before)) return;
  wakes_at_ = next.wake;
  world_->events.push(wakes_at_, {fleet_event::kind::request_timer, slot_, 0, generation_});
}

std::size_t fleet_request::backend_of(std::size_t candidate) const {
  return fleet_world::backend_of(machine_->candidate(candidate).port);
}

void fleet_request::start(std::size_t candidate) {
  const std::size_t number = backend_of(candidate);
  const backend& to = world_->backends[number];
  fleet_second& second = world_->meters.at(world_->now);
  ++second.attempts;
  if (attempts_++ > 0) ++second.retries;
  world_->meters.count_attempt(number, world_->now);

  const bool is_cut_off = to.is_cut_off && fleet_world::group_of(number_) == 1;
  if (is_cut_off || to.state == backend_state::silent) return;
  const bool refuses = to.state == backend_state::refusing;
  const error_code result = refuses ? make_error_code(boost::system::errc::connection_refused) : error_code();
  const sim_duration takes = world_->uniform(fastest_answer, slowest_answer);
  awaited_.push_back({candidate, world_->now + takes, result});
  world_->push(takes, {fleet_event::kind::answer, slot_, static_cast<std::uint32_t>(candidate), generation_});
}

void fleet_request::on_answer(std::uint32_t candidate) {
  const auto found = std::ranges::find(awaited_, candidate, &awaited::candidate);
  if (found == awaited_.end()) return;
  const error_code result = found->result;
  awaited_.erase(found);
  perform(result ? machine_->on_failed(candidate, result, world_->now)
                 : machine_->on_connected(candidate, world_->now));
  client_->perform();
}

void fleet_request::on_timer() {
  if (!machine_ || world_->now < wakes_at_) return;
  wakes_at_ = sim_time::max();
  perform(machine_->on_timer(world_->now));
  client_->perform();
}

void fleet_request::finish() {
  connect_conclusion ended = machine_->conclude();
  leave();
  if (!ended.winner) {
    ++world_->meters.at(world_->now).failed;
    return end();
  }
  const std::size_t number = fleet_world::backend_of(ended.where.port);
  held_ = std::move(ended.held);
  const backend& used = world_->backends[number];
  const sim_duration use = used.service_time;
  const sim_duration took = world_->now - started_ + use;
  world_->meters.count_connected(number, fleet_world::group_of(number_), took, world_->now);
  breaks_ = used.reset_part > 0 && world_->uniform() < used.reset_part;
  if (use == sim_duration::zero()) return end();
  world_->push(use, {fleet_event::kind::connection_ends, slot_, 0, generation_});
}

void fleet_request::leave() {
  client_->service()->remove(*this, world_->boot_now());
  machine_.reset();
}

void fleet_request::end() {
  if (breaks_) {
    ++world_->meters.at(world_->now).failed;
    held_->report(outcome_kind::reset, {}, world_->now);
  }
  held_.reset();
  awaited_.clear();
  is_over_ = true;
  free_slots_->push_back(slot_);
}

}  // namespace sdconnect::bench
