#include "sdconnect/transport/dns_client.hpp"

#include "transport/asio/dns_client_state.hpp"

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

using namespace detail;

namespace asio = boost::asio;

server_registry::options dns_client::state::servers_of(const dns_client_options& options) {
  return {.sets = options.server_sets,
          .tcp_only = options.tcp_only,
          .rotate = options.rotate,
          .use_0x20 = options.use_0x20,
          .first_timeout = options.first_timeout,
          .attempts = std::clamp(options.attempts, 1U, 16U)};
}

dns_client::state::io::io(const executor_type& executor, query_engine::options with)
    : network(executor), engine(network, std::move(with)), timer(executor), own_executor(executor) {}

dns_client::state::state(executor_type ex, const dns_client_options& with)
    : executor_(std::move(ex)),
      options_(with),
      io_(std::make_unique<io>(executor_, query_engine::options{.servers = servers_of(options_),
                                                                .max_in_flight = options_.max_in_flight,
                                                                .stream_idle_timeout = options_.stream_idle_timeout,
                                                                .draw = [this] { return entropy_.next16(); }})) {}

void dns_client::state::attach() {
  io_->network.attach(io_->engine, {.guard = std::shared_ptr<std::mutex>(shared_from_this(), &mutex_),
                                    .on_replies = [this] { on_replies(); },
                                    .on_event = [this] { after_event(); }});
  bind(executor_, weak_from_this());
}

// Destroys handlers and what they hold without the lock.
void dns_client::state::on_context_shutdown() noexcept {
  std::unique_ptr<io> gone;
  const std::lock_guard lock(mutex_);
  gone = std::move(io_);
  executor_ = executor_type();
}

query_engine::handle dns_client::state::start(const question& asked, clock::time_point deadline, handler_type handler) {
  const std::lock_guard lock(mutex_);
  const query_engine::handle query = io_->engine.submit(asked, deadline, clock::now());
  // This thread accesses the slot only here, because the signal is not thread safe.
  if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
    slot.assign([weak = weak_from_this(), query](asio::cancellation_type) {
      if (const auto alive = weak.lock()) alive->cancel(query);
    });
  }
  if (query.slot >= io_->callers.size()) io_->callers.resize(query.slot + std::size_t{1});
  caller& waiting = io_->callers[query.slot];
  // A handler without its own executor uses the client's executor, which need not be copied for
  // that.
  asio::any_completion_executor wanted = asio::get_associated_executor(handler, asio::any_completion_executor());
  waiting.is_on_own_executor = !wanted || wanted == io_->own_executor;
  if (!waiting.is_on_own_executor) {
    waiting.executor = asio::prefer(std::move(wanted), asio::execution::outstanding_work.tracked);
  }
  waiting.handler.swap(handler);  // in Boost 1.81 move assignment recurses endlessly
  after_event();
  return query;
}

void dns_client::state::cancel(query_engine::handle query) {
  const std::lock_guard lock(mutex_);
  if (!io_) return;
  io_->engine.cancel(query, clock::now());
  after_event();
}

void dns_client::state::reset() {
  const std::lock_guard lock(mutex_);
  io_->engine.reset_connections(clock::now());
  after_event();
}

void dns_client::state::replace_server_sets(std::vector<server_set> sets) {
  const std::lock_guard lock(mutex_);
  options_.server_sets = std::move(sets);
  io_->engine.replace_servers(servers_of(options_));
}

void dns_client::state::replace_options(dns_client_options with) {
  const std::lock_guard lock(mutex_);
  with.max_in_flight = options_.max_in_flight;
  with.stream_idle_timeout = options_.stream_idle_timeout;
  options_ = std::move(with);
  io_->engine.replace_servers(servers_of(options_));
}

template <class What>
void dns_client::state::post(What what) {
  asio::post(executor_, [self = shared_from_this(), what] {
    const std::lock_guard lock(self->mutex_);
    what(*self);
  });
}

// Handles the effects of an engine event outside the engine. Does nothing during a round of
// receiving: the end of the round handles them once for all replies and the questions asked because
// of them.
void dns_client::state::after_event() {
  if (io_->network.is_receiving()) return;
  if (io_->engine.finished_count() > 0) deliver_soon();
  if (!io_->engine.has_questions()) return rest_soon();
  arm_timer();
  if (io_->engine.has_open_sockets()) io_->network.wait_for_datagrams();
}

// The network never calls this inside an initiating call, so handlers may run at once.
void dns_client::state::on_replies() {
  if (io_->engine.finished_count() > 0) deliver();
  after_event();
}

// Never delivers inside an initiating call, and delivers all results that end at once together.
void dns_client::state::deliver_soon() {
  if (std::exchange(is_delivering_soon_, true)) return;
  post([](state& self) {
    self.is_delivering_soon_ = false;
    self.take_over();
    self.on_replies();
  });
}

// Results that end because of a handler have to wait, so that timers and sockets run in between.
void dns_client::state::deliver() {
  struct remainder {
    state& of;
    unsigned turn = ++of.turn_;
    int exceptions = std::uncaught_exceptions();
    [[nodiscard]] bool is_over() const noexcept { return turn != of.turn_; }
    ~remainder() {
      if (is_over()) return;
      of.is_handler_running_ = false;
      if (of.io_->engine.finished_count() > 0 || std::uncaught_exceptions() > exceptions) of.deliver_soon();
    }
  } const also_when_a_handler_throws{*this};
  for (std::size_t left = io_->engine.finished_count(); left > 0 && !also_when_a_handler_throws.is_over(); --left) {
    auto ended = io_->engine.take_finished();
    if (!ended) break;
    pass_on();
    is_handler_running_ = true;
    hand_over(*ended);
  }
}

// Rule 2.
void dns_client::state::pass_on() {
  if (std::exchange(is_relay_posted_, true)) return;
  post([](state& self) {
    self.is_relay_posted_ = false;
    if (!self.is_handler_running_) return;
    self.take_over();
    self.on_replies();
  });
}

// Called from the event loop, so the code that began that turn is inside a handler.
void dns_client::state::take_over() {
  io_->network.take_over();
  ++turn_;
  is_handler_running_ = false;
}

// The client uses what a handler leaves in its result for the next one.
void dns_client::state::hand_over(query_engine::finished& ended) {
  caller& waiting = io_->callers[ended.query.slot];
  const bool is_on_own_executor = waiting.is_on_own_executor;
  handler_type handler = std::move(waiting.handler);
  asio::any_completion_executor executor = std::exchange(waiting.executor, {});
  const error_code status = ended.result.report.status;

  struct unlocked {
    std::mutex& mutex;
    explicit unlocked(std::mutex& m) : mutex(m) { mutex.unlock(); }
    ~unlocked() { mutex.lock(); }
  };
  const auto call = [](handler_type&& called, error_code ec, query_result&& result) {
    std::move(called)(ec, std::move(result));
  };
  {
    const unlocked while_user_code_runs(mutex_);
    if (is_on_own_executor) {
      call(std::move(handler), status, std::move(ended.result));
    } else {
      asio::dispatch(std::move(executor),
                     [call, handler = std::move(handler), status, result = std::move(ended.result)]() mutable {
                       call(std::move(handler), status, std::move(result));
                     });
    }
  }
  // NOLINTNEXTLINE(bugprone-use-after-move): passed by reference
  if (is_on_own_executor) io_->engine.recycle(std::move(ended.result));
}

// Keeps the timer if its time is too early: an unnecessary expiry costs less than setting the timer
// for each query.
void dns_client::state::arm_timer() {
  const std::optional<clock::time_point> next = io_->engine.next_deadline();
  if (!next || (is_armed_ && io_->timer.expiry() <= *next)) return;
  is_armed_ = true;
  io_->timer.expires_at(*next);
  io_->timer.async_wait([self = shared_from_this(), arm = ++arms_](error_code ec) {
    const std::lock_guard lock(self->mutex_);
    if (arm != self->arms_) return;
    self->is_armed_ = false;
    if (!ec) self->io_->engine.on_timer(clock::now());
    self->after_event();
  });
}

// Runs after a delivery posted before. Its handlers may ask new questions, which can use the
// sockets.
void dns_client::state::rest_soon() {
  if (std::exchange(is_resting_soon_, true)) return;
  post([](state& self) {
    self.is_resting_soon_ = false;
    if (self.io_->engine.has_questions()) return;
    ++self.arms_;
    self.is_armed_ = false;
    self.io_->timer.cancel();
    self.io_->network.stop_waiting();
    self.io_->engine.rest(clock::now());
  });
}

dns_client_statistics dns_client::state::statistics() const {
  const std::lock_guard lock(mutex_);
  if (!io_) return {};
  dns_client_statistics out = io_->engine.statistics();
  out.streams_opened = io_->network.streams_opened();
  return out;
}

dns_client::dns_client(executor_type executor, dns_client_options options)
    : state_(std::make_shared<state>(std::move(executor), options)) {
  state_->attach();
}

dns_client::executor_type dns_client::get_executor() const noexcept { return state_->get_executor(); }

void dns_client::start(const question& asked, clock::time_point deadline,
                       boost::asio::any_completion_handler<void(error_code, query_result&&)> handler) {
  (void)state_->start(asked, deadline, std::move(handler));
}

void dns_client::replace_server_sets(std::vector<server_set> sets) { state_->replace_server_sets(std::move(sets)); }

void dns_client::replace_options(dns_client_options options) { state_->replace_options(std::move(options)); }

void dns_client::reset_connections() { state_->reset(); }

dns_client_statistics dns_client::statistics() const noexcept { return state_->statistics(); }

}  // namespace sdconnect
