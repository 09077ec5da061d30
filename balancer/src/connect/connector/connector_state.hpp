/// \file
/// What the copies of a connector share: performs what its core decides, in the turns of its
/// resolver's client.
#pragma once

#include "connect/machine/connector_core.hpp"
#include "net/io/context_bound.hpp"
#include "resolver/client/caching_client.hpp"
#include "sdconnect/connect/connector.hpp"

#include <memory>

namespace sdconnect::detail {

/// Bound to the context of its sockets, whose executor it keeps; what it has of its client's is the
/// client's business.
class connector_state final : public context_bound, public std::enable_shared_from_this<connector_state> {
 public:
  connector_state(const resolver& find, const connector_options& options)
      : client(find.client_), socket_executor(options.connecting.socket_executor) {}
  ~connector_state();
  /// Once, when it is owned.
  void attach(const connector_options& options, random_engine random);

  /// Out of turn. What is known goes; who is connecting ends with operation_aborted, and so does
  /// whoever comes later.
  void close();

  // In a turn.
  [[nodiscard]] connect_time now_in(const caching_client::turn& mine) const {
    return {mine.now(), std::chrono::steady_clock::now()};
  }

  const std::shared_ptr<caching_client> client;
  boost::asio::any_io_executor socket_executor;  // empty: the client's, and after the shutdown of its context
  std::shared_ptr<connector_core> core;          // guarded by the client's mutex; null once it is closed

 private:
  void on_context_shutdown() noexcept override;
  void schedule_news();
  void take_news();

  bool is_news_scheduled_ = false;
};

}  // namespace sdconnect::detail
