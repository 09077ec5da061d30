#include "sdconnect/transport/dns_client.hpp"

#include "transport/dns_client_state.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace sdconnect {

namespace asio = boost::asio;

server_table::settings dns_client::state::servers_of(const dns_client_options& options) {
  return {.sets = options.server_sets,
          .tcp_only = options.tcp_only,
          .rotate = options.rotate,
          .use_0x20 = options.use_0x20,
          .first_timeout = options.first_timeout,
          .attempts = std::clamp(options.attempts, 1U, 16U)};
}

dns_client::state::state(executor_type ex, const dns_client_options& with)
    : executor(std::move(ex)),
      options(with),
      network_(executor),
      engine_(network_, {.servers = servers_of(options),
                         .max_in_flight = options.max_in_flight,
                         .stream_idle_timeout = options.stream_idle_timeout,
                         .draw = [this] { return entropy_.next16(); }}),
      timer_(executor),
      own_executor_(executor) {}

void dns_client::state::attach() {
  network_.attach(engine_, weak_from_this(), [this] { on_network(); });
}

void dns_client::state::start(const question& asked, clock::time_point deadline, handler_type handler) {
  const query_engine::handle query = engine_.submit(asked, deadline, clock::now());
  if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
    slot.assign([weak = weak_from_this(), query](asio::cancellation_type) {
      if (const auto alive = weak.lock()) alive->cancel(query);
    });
  }
  if (query.slot >= callers_.size()) callers_.resize(query.slot + std::size_t{1});
  caller& waiting = callers_[query.slot];
  // Without one of its own: ours, which is not copied for that.
  asio::any_completion_executor wanted = asio::get_associated_executor(handler, asio::any_completion_executor());
  waiting.is_on_own_executor = !wanted || wanted == own_executor_;
  if (!waiting.is_on_own_executor) {
    waiting.executor = asio::prefer(std::move(wanted), asio::execution::outstanding_work.tracked);
  }
  waiting.handler.swap(handler);  // in Boost 1.81 move assignment calls itself for ever
  after_event();
}

void dns_client::state::cancel(query_engine::handle query) {
  engine_.cancel(query, clock::now());
  after_event();
}

void dns_client::state::reset() {
  engine_.reset_connections(clock::now());
  after_event();
}

// The engine has been told something: its consequences outside. Those of many replies that came together, and of what
// is asked because of them, are seen to once.
void dns_client::state::after_event() {
  if (network_.is_receiving()) return;
  if (engine_.finished_count() > 0) deliver_soon();
  if (!engine_.has_questions()) return rest_soon();
  arm_timer();
  if (engine_.has_open_sockets()) network_.wait_for_datagrams();
}

// Nothing of the network happens inside an initiating call, so handlers may run at once.
void dns_client::state::on_network() {
  if (engine_.finished_count() > 0) deliver();
  after_event();
}

// Never from inside an initiating call, and all that came at once together.
void dns_client::state::deliver_soon() {
  if (std::exchange(is_delivering_soon_, true)) return;
  asio::post(executor, [self = shared_from_this()] {
    self->is_delivering_soon_ = false;
    self->on_network();
  });
}

// What ends because of a handler has to wait: timers and sockets get their turn in between.
void dns_client::state::deliver() {
  struct remainder {
    state& of;
    int exceptions = std::uncaught_exceptions();
    ~remainder() {
      if (of.engine_.finished_count() > 0 || std::uncaught_exceptions() > exceptions) of.deliver_soon();
    }
  } const also_when_a_handler_throws{*this};
  for (std::size_t left = engine_.finished_count(); left > 0; --left) {
    auto ended = engine_.take_finished();
    if (ended) hand_over(*ended);
  }
}

// What a handler does not take out of its result is used for the next one.
void dns_client::state::hand_over(query_engine::finished& ended) {
  caller& waiting = callers_[ended.query.slot];
  handler_type handler = std::move(waiting.handler);
  if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
  const error_code status = ended.result.report.status;
  if (waiting.is_on_own_executor) {
    std::move(handler)(status, std::move(ended.result));
    return engine_.recycle(std::move(ended.result));  // NOLINT(bugprone-use-after-move): handed over by reference
  }
  asio::dispatch(std::exchange(waiting.executor, {}),
                 [handler = std::move(handler), status, result = std::move(ended.result)]() mutable {
                   std::move(handler)(status, std::move(result));
                 });
}

// Left alone when its time is too early: going off for nothing costs less than setting it anew for each query.
void dns_client::state::arm_timer() {
  const std::optional<clock::time_point> next = engine_.next_deadline();
  if (!next || (is_armed_ && timer_.expiry() <= *next)) return;
  is_armed_ = true;
  timer_.expires_at(*next);
  timer_.async_wait([self = shared_from_this(), arm = ++arms_](error_code ec) {
    if (arm != self->arms_) return;
    self->is_armed_ = false;
    if (!ec) self->engine_.on_timer(clock::now());
    self->after_event();
  });
}

// Behind the delivery posted before, whose handlers may well ask on: then the sockets are of use.
void dns_client::state::rest_soon() {
  if (std::exchange(is_resting_soon_, true)) return;
  asio::post(executor, [self = shared_from_this()] {
    self->is_resting_soon_ = false;
    if (self->engine_.has_questions()) return;
    ++self->arms_;
    self->is_armed_ = false;
    self->timer_.cancel();
    self->network_.stop_waiting();
    self->engine_.rest(clock::now());
  });
}

dns_client_statistics dns_client::state::statistics() const noexcept {
  dns_client_statistics out = engine_.statistics();
  out.streams_opened = network_.streams_opened();
  return out;
}

dns_client::dns_client(executor_type executor, dns_client_options options)
    : state_(std::make_shared<state>(std::move(executor), options)) {
  state_->attach();
}

dns_client::executor_type dns_client::get_executor() const noexcept { return state_->executor; }

void dns_client::start(const question& asked, clock::time_point deadline,
                       boost::asio::any_completion_handler<void(error_code, query_result&&)> handler) {
  state_->start(asked, deadline, std::move(handler));
}

void dns_client::replace_server_sets(std::vector<server_set> sets) {
  state_->options.server_sets = std::move(sets);
  state_->replace(state_->options);
}

void dns_client::replace_options(dns_client_options options) {
  options.max_in_flight = state_->options.max_in_flight;
  options.stream_idle_timeout = state_->options.stream_idle_timeout;
  state_->options = std::move(options);
  state_->replace(state_->options);
}

void dns_client::reset_connections() { state_->reset(); }

dns_client_statistics dns_client::statistics() const noexcept { return state_->statistics(); }

}  // namespace sdconnect
