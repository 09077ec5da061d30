#include "connect/connector/connector_state.hpp"

#include "connect/connector/pure_options.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace sdconnect::detail {

void connector_state::attach(const connector_options& options, random_engine random) {
  if (socket_executor) bind(socket_executor, weak_from_this());
  caching_client::turn mine(client);
  core = std::make_shared<connector_core>(mine.router(), core_options_of(options), random,
                                          std::chrono::steady_clock::now(), [this] { schedule_news(); });
}

connector_state::~connector_state() { close(); }

// Destroys a user-defined policy without the mutex.
void connector_state::close() {
  std::shared_ptr<connector_core> closed;
  caching_client::turn mine(client);
  closed.swap(core);
  if (closed) closed->close(now_in(mine));
}

void connector_state::on_context_shutdown() noexcept {
  boost::asio::any_io_executor gone;
  const caching_client::turn mine(client);
  gone = std::exchange(socket_executor, {});
}

// The turn in which DNS news arrives belongs to another operation; connects continue in a turn of
// their own.
void connector_state::schedule_news() {
  if (std::exchange(is_news_scheduled_, true)) return;
  boost::asio::post(client->get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->take_news();
  });
}

// User-defined policies run meanwhile, and may close the connector.
void connector_state::take_news() {
  std::shared_ptr<connector_core> told;
  caching_client::turn mine(client);
  is_news_scheduled_ = false;
  told = core;
  if (told) told->take_news(now_in(mine));
}

}  // namespace sdconnect::detail
