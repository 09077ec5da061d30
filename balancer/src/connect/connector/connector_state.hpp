/// \file
/// State that the copies of a connector share: performs what its core decides, in the turns of its
/// resolver's client.
#pragma once

#include "connect/machine/connector_core.hpp"
#include "net/io/context_bound.hpp"
#include "resolver/client/caching_client.hpp"
#include "sdconnect/connect/connector.hpp"

#include <memory>

namespace sdconnect::detail {

/// Bound to the context of its sockets, whose executor it keeps. The client binds itself to its own
/// context.
class connector_state final : public context_bound, public std::enable_shared_from_this<connector_state> {
 public:
  connector_state(const resolver& find, const connector_options& options)
      : client(find.client_), socket_executor(options.connecting.socket_executor) {}
  ~connector_state();
  /// Call once, when a shared_ptr owns the object.
  void attach(const connector_options& options, random_engine random);

  /// Call outside of a turn. Forgets what is known; connects under way and later ones end with
  /// operation_aborted.
  void close();

  // Call in a turn.
  [[nodiscard]] connect_time now_in(const caching_client::turn& mine) const {
    return {mine.now(), std::chrono::steady_clock::now()};
  }

  const std::shared_ptr<caching_client> client;
  boost::asio::any_io_executor socket_executor;  // empty: the client's; also after its context was shut down
  std::shared_ptr<connector_core> core;          // guarded by the client's mutex; null once it is closed

 private:
  void on_context_shutdown() noexcept override;
  void schedule_news();
  void take_news();

  bool is_news_scheduled_ = false;
};

}  // namespace sdconnect::detail
