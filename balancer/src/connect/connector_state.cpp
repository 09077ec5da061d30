#include "connect/connector_state.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace sdconnect {

void connector_state::attach(const connector_options& options, random_engine random) {
  caching_client::turn mine(client);
  core = std::make_shared<connector_core>(mine.router(), options, random, std::chrono::steady_clock::now(),
                                          [this] { schedule_news(); });
}

connector_state::~connector_state() { close(); }

void connector_state::close() {
  caching_client::turn mine(client);
  if (const auto closed = std::exchange(core, nullptr)) closed->close(now_in(mine));
}

// The turn in which DNS has told something is somebody else's: connects go on in one of their own.
void connector_state::schedule_news() {
  if (std::exchange(is_news_scheduled_, true)) return;
  boost::asio::post(client->get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->take_news();
  });
}

void connector_state::take_news() {
  caching_client::turn mine(client);
  is_news_scheduled_ = false;
  if (core) core->take_news(now_in(mine));
}

}  // namespace sdconnect
