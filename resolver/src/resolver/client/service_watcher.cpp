#include "sdconnect/resolver/service_watcher.hpp"

#include "net/io/completion.hpp"
#include "resolver/client/caching_client.hpp"
#include "resolver/view/live_view.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect {

using namespace detail;

namespace asio = boost::asio;

// Performs the decisions of the view. Lives as long as its watcher.
struct service_watcher::state final : context_bound, std::enable_shared_from_this<state> {
  using completion_type = completion<error_code, watch_update>;

  explicit state(std::shared_ptr<caching_client> with) : client(std::move(with)) {}

  void start(const service_query& query, const watch_options& options) {
    bind(client->get_executor(), weak_from_this());
    client->look_around();
    caching_client::turn mine(client);
    view.emplace(mine.router(), query, view_options{options.min_interval, std::chrono::milliseconds::max()},
                 [this](boot_clock::time_point now) { deliver(now); });
    view->warm(mine.now());
    last_view = view->view();
  }

  /// One async_next(); cancelling it ends no other call.
  struct call : std::enable_shared_from_this<call> {
    call(std::shared_ptr<state> of, completion_type handler) : watcher(std::move(of)), done(std::move(handler)) {}

    void cancel() {
      {
        const caching_client::turn mine(watcher->client);
        if (watcher->pending.get() != this) return;
        watcher->pending.reset();
      }
      watcher->fail(*this, asio::error::operation_aborted);
    }

    std::shared_ptr<state> watcher;
    completion_type done;
  };

  void next(completion_type handler) {
    const auto one = std::make_shared<call>(shared_from_this(), std::move(handler));
    one->done.on_cancel(one);
    bool is_second = false;
    {
      const caching_client::turn mine(client);
      is_second = pending != nullptr;
      if (!is_second && view) {
        pending = one;
        return deliver(mine.now());
      }
    }
    fail(*one, is_second ? asio::error::already_started : asio::error::operation_aborted);
  }

  void deliver(boot_clock::time_point now) {
    last_view = view->view();
    if (!pending) return;
    if (auto update = view->take(now)) std::exchange(pending, nullptr)->done.post({}, *std::move(update));
  }

  // Destroying a handler runs user code: this happens without the mutex.
  void on_context_shutdown() noexcept override {
    std::shared_ptr<call> dropped;
    const caching_client::turn mine(client);
    dropped.swap(pending);
  }

  void close() {
    std::shared_ptr<call> ended;
    {
      const caching_client::turn mine(client);
      view.reset();
      ended.swap(pending);
    }
    if (ended) fail(*ended, asio::error::operation_aborted);
  }

  /// Call outside a turn: a context that ends destroys the handler at once.
  void fail(call& of, error_code status) {
    watch_update none;
    {
      const caching_client::turn mine(client);
      none.view = last_view;
    }
    of.done.post(status, std::move(none));
  }

  std::shared_ptr<caching_client> client;
  std::optional<live_view> view;  // empty after close()
  std::shared_ptr<const service> last_view;
  std::shared_ptr<call> pending;
};

service_watcher::service_watcher(resolver with, const service_query& query, const watch_options& options)
    : state_(std::make_shared<state>(std::move(with.client_))) {
  state_->start(query, options);
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

std::shared_ptr<const service> service_watcher::current() const {
  const caching_client::turn mine(state_->client);
  return state_->last_view;
}

void service_watcher::close() { state_->close(); }

void service_watcher::start_next(std::shared_ptr<state> self,
                                 asio::any_completion_handler<void(error_code, watch_update)> handler) {
  state::completion_type done(std::move(handler), self->client->get_executor());
  self->next(std::move(done));
}

}  // namespace sdconnect
