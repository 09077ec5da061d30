#include "connect/connect_operation.hpp"

#include "error/saturating.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect {

connect_operation::connect_operation(std::shared_ptr<connector_state> state, const service_query& query,
                                     std::optional<std::uint64_t> key, completion_type done)
    : race_operation(state->client->get_executor(), std::move(done)),
      state_(std::move(state)),
      query_(query),
      key_(key) {}

void connect_operation::handle(const event& what) {
  caching_client::turn mine(state_->client);
  process_all(what, state_->now_in(mine));
}

void connect_operation::on_view(const connect_time& now) { process_all({event::kind::view}, now); }

void connect_operation::process_all(const event& what, const connect_time& now) {
  waiting_.push_back(what);
  if (std::exchange(is_processing_, true)) return;
  now_ = now;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const event next = waiting_[i];
    if (next.what == event::kind::start) begin(now);
    if (machine_) process(*machine_, next, now.steady);
  }
  waiting_.clear();
  is_processing_ = false;
}

void connect_operation::begin(const connect_time& now) {
  if (!state_->core) return end_early(boost::asio::error::operation_aborted);
  connector_core& core = *state_->core;
  if (!key_) key_ = core.options.key;
  service_ = core.serve(query_, now, state_->client->network_changes());
  service_->add(*this);
  machine_.emplace(service_, core.limits, core.options.connecting, [this](auto at) { return draw(at); },
                   detail::later(now.steady, query_.timeout), now);
  state_->client->keep(shared_from_this());
}

attempt_plan connect_operation::draw(std::chrono::steady_clock::time_point now) {
  service_memory& memory = *service_->memory();
  if (!state_->core->options.balancing.custom) return memory.plan(now, key_);
  attempt_plan drawn;
  state_->client->without_lock([&] { drawn = memory.balance.plan(now, key_); });
  memory.arrange(drawn, now);
  return drawn;
}

void connect_operation::complete(connection& out) {
  if (!machine_) return;
  service_->remove(*this, now_.boot);
  out.found = machine_->found();
  machine_.reset();
  service_.reset();
  state_->client->release(this);
}

}  // namespace sdconnect
