#include "connect/connector/connect_operation.hpp"

#include "net/base/saturating.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect::detail {

connect_operation::connect_operation(std::shared_ptr<connector_state> state, const service_query& query,
                                     std::optional<std::uint64_t> key, completion_type done)
    : race_operation(state->client->get_executor(), state->socket_executor, std::move(done)),
      state_(std::move(state)),
      query_(query),
      key_(key) {}

void connect_operation::go_on_after(connection before) {
  before_ = std::move(before.attempts);
  first_attempt_ = before.first_attempt;
  plan_ = std::move(before.plan);
  earlier_ = std::make_shared<const earlier_attempts>(before_, plan_);
}

// Has something to do only if the context ends before the operation.
connect_operation::~connect_operation() {
  if (!service_) return;
  const caching_client::turn mine(state_->client);
  now_ = state_->now_in(mine);
  let_go();
}

void connect_operation::handle(const event& what) {
  caching_client::turn mine(state_->client);
  process_all(what, state_->now_in(mine));
}

void connect_operation::process_all(const event& what, const connect_time& now) {
  if (is_processing_) return waiting_.push_back(what);
  is_processing_ = true;
  now_ = now;
  process_one(what);
  for (std::size_t i = 0; i < waiting_.size(); ++i) process_one(event(waiting_[i]));
  waiting_.clear();
  is_processing_ = false;
}

void connect_operation::process_one(const event& what) {
  if (what.what == event::kind::start) begin(now_);
  if (machine_) process(*machine_, what, now_.steady);
}

void connect_operation::begin(const connect_time& now) {
  core_ = state_->core;
  if (!core_) return end(boost::asio::error::operation_aborted, connection());
  if (!key_) key_ = core_->options.key;
  service_ = core_->serve(query_, now, state_->client->network_changes());
  service_->add(*this);
  state_->client->keep(shared_from_this());
  race_options racing = core_->options.racing;
  racing.deadline = later(now.steady, query_.timeout);
  racing.earlier = earlier_;
  if (core_->options.admits) {
    racing.admits = [this](const endpoint& to, const ip_address& at) {
      return core_->options.admits(query_.qname, to, at);
    };
  }
  machine_.emplace(
      service_, core_->limits, racing, [this](clock::time_point at) { return draw(at); }, now);
}

attempt_plan connect_operation::draw(clock::time_point now) {
  service_memory& memory = *service_->memory();
  attempt_plan drawn;
  const bool is_explained = core_->options.trace && plan_.order.empty();
  const auto draw_now = [&] {
    drawn = is_explained ? memory.balance.explained_plan(now, key_) : memory.balance.plan(now, key_);
  };
  if (core_->options.balancing.custom) {
    state_->client->without_lock(draw_now);
    // The time for the events that wait, so that a timer event does not look early.
    now_ = {boot_clock::now(), std::chrono::steady_clock::now()};
  } else {
    draw_now();
  }
  drawn = memory.shuffled(std::move(drawn), now);
  if (earlier_) drawn = earlier_->in_same_order(std::move(drawn));
  if (is_explained) plan_ = drawn;
  return drawn;
}

void connect_operation::complete(connection& out) {
  if (service_) {
    const std::shared_ptr<live_service> service = service_;
    let_go();
    out.found = service->view().view();
    out.plan = std::move(plan_);
    state_->client->release(this);
  }
  if (earlier_) put_in_front(out);
}

// The attempts of the earlier part come first, and all times count from its beginning.
void connect_operation::put_in_front(connection& out) {
  const auto later_by = std::chrono::duration_cast<std::chrono::microseconds>(out.first_attempt - first_attempt_);
  before_.reserve(before_.size() + out.attempts.size());
  for (connect_attempt& a : out.attempts) {
    a.started += later_by;
    before_.push_back(std::move(a));
  }
  out.attempts = std::move(before_);
  out.first_attempt = first_attempt_;
}

void connect_operation::let_go() {
  machine_.reset();  // before the view makes its last conclusion
  service_->remove(*this, now_.boot);
  service_.reset();
}

}  // namespace sdconnect::detail
