#include "sdconnect/resolver/service_watcher.hpp"

#include "resolver/caching_client.hpp"
#include "resolver/watch_machine.hpp"
#include "transport/completion.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect {

namespace asio = boost::asio;

// Performs what the machine decides. The timer and the client know it weakly: it lives as long as its watcher.
struct service_watcher::state final : lookup_user, renewal_listener, std::enable_shared_from_this<state> {
  using completion_type = completion<error_code, watch_update>;

  state(std::shared_ptr<caching_client> with, const service_query& q, const watch_options& options)
      : client(std::move(with)), query(q), held(options.min_interval), machine(q), timer(client->get_executor()) {}

  void start() {
    client->listen(weak_from_this());
    begin_walk();
  }

  void begin_walk() {
    client->look_around();
    begun = boot_clock::now();
    held.remove_expired(begun);
    walking.emplace(query, resolution::how{machine.mode(), walk::detail::parts, &held}, begun);
    walking->start(client->table(), begun);
    go_on();
  }

  void on_lookup(lookup_table::id waiter, lookup answer) override {
    if (!walking || !walking->waits_for(waiter)) return;
    walking->on_answer(client->table(), waiter, std::move(answer), boot_clock::now());
    go_on();
  }

  void go_on() {
    for (const lookup_table::id waiter : walking->take_new_waiters()) client->route(waiter, weak_from_this());
    if (walking->is_done()) return finish_walk();
    wait_until(walking->next_event());
    client->perform();
  }

  void finish_walk() {
    leave(lookup_table::leaving::satisfied);
    walk::conclusion found = walking->conclude(errc::query_timed_out);
    walking.reset();
    machine.on_walk(std::move(found), begun, boot_clock::now());
    wait_for_next_walk();
    deliver();
    client->perform();
  }

  void wait_for_next_walk() {
    if (const auto when = machine.next_walk()) wait_until(*when);
  }

  void wait_until(boot_clock::time_point when) {
    timer.expires_at(when);
    timer.async_wait([weak = weak_from_this()](error_code ec) {
      const auto self = weak.lock();
      if (!ec && self && !self->is_closed) self->on_time();
    });
  }

  void on_time() {
    if (!walking) return begin_walk();
    walking->on_time(boot_clock::now());
    go_on();
  }

  void on_renewal(boot_clock::time_point now, std::uint32_t random) override {
    held.clear();
    machine.renew(now, random);
    if (!walking && !is_closed) wait_for_next_walk();
  }

  void leave(lookup_table::leaving why) {
    for (const lookup_table::id waiter : walking->leave(client->table(), why, boot_clock::now())) {
      client->forget(waiter);
    }
  }

  void next(completion_type handler) {
    pending.emplace(std::move(handler));
    if (is_closed) return cancel();
    pending->on_cancel(shared_from_this());
    deliver();
  }

  void deliver() {
    if (!pending) return;
    if (auto update = machine.take(boot_clock::now())) {
      std::exchange(pending, std::nullopt)->post({}, *std::move(update));
    }
  }

  void cancel() {
    if (!pending) return;
    watch_update nothing;
    nothing.view = machine.view();
    std::exchange(pending, std::nullopt)->post(asio::error::operation_aborted, std::move(nothing));
  }

  void close() {
    if (std::exchange(is_closed, true)) return;
    timer.cancel();
    client->stop_listening(*this);
    if (walking) {
      leave(lookup_table::leaving::giving_up);
      walking.reset();
    }
    cancel();
    client->perform();
  }

  std::shared_ptr<caching_client> client;
  service_query query;
  held_answers held;
  watch_machine machine;
  boot_timer timer;
  boot_clock::time_point begun{};
  std::optional<resolution> walking;
  std::optional<completion_type> pending;
  bool is_closed = false;
};

service_watcher::service_watcher(resolver with, const service_query& query, const watch_options& options)
    : state_(std::make_shared<state>(std::move(with.client_), query, options)) {
  state_->start();
}

service_watcher& service_watcher::operator=(service_watcher&& other) noexcept {
  if (this == &other) return *this;
  if (state_) state_->close();
  state_ = std::move(other.state_);
  return *this;
}

service_watcher::~service_watcher() {
  if (state_) state_->close();
}

service_watcher::executor_type service_watcher::get_executor() const noexcept { return state_->client->get_executor(); }

std::shared_ptr<const service> service_watcher::current() const { return state_->machine.view(); }

void service_watcher::close() { state_->close(); }

void service_watcher::start_next(std::shared_ptr<state> self,
                                 asio::any_completion_handler<void(error_code, watch_update)> handler) {
  state::completion_type done(std::move(handler), self->client->get_executor());
  self->next(std::move(done));
}

}  // namespace sdconnect
