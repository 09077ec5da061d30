#include "scenarios/client.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::scenario {
using namespace sdconnect::detail;
namespace {

constexpr std::chrono::seconds look_interval{2};

// SplitMix64: its upper bits are random enough for ports, IDs and jitter.
template <class Value>
std::function<Value()> seeded(std::uint64_t seed) {
  return [state = seed * 0x9E3779B97F4A7C15U]() mutable {
    state += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBU;
    return static_cast<Value>(mixed >> (64 - 8 * sizeof(Value)));
  };
}

}  // namespace

client::client(world& in, script_network& net, const options& with)
    : world_(in),
      servers_(with.servers),
      engine_(net, {.servers = with.servers,
                    .max_in_flight = with.max_in_flight,
                    .stream_idle_timeout = with.stream_idle_timeout,
                    .draw = seeded<std::uint16_t>(with.seed)}),
      router_(with.options, seeded<std::uint32_t>(with.seed + 1)),
      suspends_(in.steady(), in.boot()) {
  net.attach(engine_, [this] { after_event(); });
}

void client::look_around() {
  bool has_changed = false;
  if (auto sets = std::exchange(changed_, std::nullopt)) {
    servers_.sets = std::move(*sets);
    engine_.replace_servers(servers_);
    has_changed = true;
  }
  if (suspends_.on_time(world_.steady(), world_.boot()).count() > 0) {
    engine_.reset_connections(world_.steady());
    ++network_changes_;
    after_event();
    has_changed = true;
  }
  if (has_changed) router_.renew(world_.boot());
}

void client::perform() {
  const lookup_router::actions next = router_.take_actions(world_.boot());
  for (const lookup_table::query_to_send& query : next.send) send(query);
  for (const lookup_table::id number : next.cancel) cancel(number);
  if (!router_.has_watchers()) {
    next_look_.reset();
  } else if (!next_look_) {
    next_look_ = world_.now() + look_interval;
  }
}

void client::send(const lookup_table::query_to_send& next) {
  const auto deadline = world_.steady() + (next.deadline - world_.boot());
  const query_engine::handle query = engine_.submit(next.asked, deadline, world_.steady());
  if (query.slot >= numbers_.size()) numbers_.resize(query.slot + std::size_t{1});
  numbers_[query.slot] = next.number;
  under_way_.emplace(next.number, query);
  after_event();
}

void client::cancel(lookup_table::id number) {
  const auto node = under_way_.extract(number);
  if (node.empty()) return;
  engine_.cancel(node.mapped(), world_.steady());
  after_event();
}

// Posts results instead of calling back directly, as an executor does. If the engine has no
// questions, also posts the call of rest() behind them.
void client::after_event() {
  while (auto ended = engine_.take_finished()) {
    const lookup_table::id number = numbers_[ended->query.slot];
    const auto result = std::make_shared<query_result>(std::move(ended->result));
    world_.post([this, number, result] {
      under_way_.erase(number);
      router_.on_result(number, std::move(*result), world_.boot());
      perform();
    });
  }
  if (engine_.has_questions() || std::exchange(is_resting_soon_, true)) return;
  world_.post([this] {
    is_resting_soon_ = false;
    if (!engine_.has_questions()) engine_.rest(world_.steady());
  });
}

std::optional<world::duration> client::next_event() const {
  std::optional<world::duration> first;
  if (const auto when = engine_.next_deadline()) first = world_.when(*when);
  if (const auto when = router_.next_event()) first = std::min(world::when(*when), first.value_or(world::when(*when)));
  return first;
}

void client::on_time() {
  if (const auto when = engine_.next_deadline(); when && *when <= world_.steady()) {
    engine_.on_timer(world_.steady());
    after_event();
  }
  const bool is_time_to_look = next_look_ && *next_look_ <= world_.now();
  const auto when = router_.next_event();
  if (!is_time_to_look && (!when || *when > world_.boot())) return;
  if (is_time_to_look) next_look_.reset();
  look_around();
  router_.on_time(world_.boot());
  perform();
}

}  // namespace sdconnect::scenario
