/// \file
/// Moves one plain HTTP request and its response between a client and a backend.
#pragma once

#include "helper/protocol/http_forwarding.hpp"
#include "helper/relay/relay_engine.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sdconnect::helper {

/// Keeps itself alive until it ends.
class http_pump : public std::enable_shared_from_this<http_pump> {
 public:
  using socket = boost::asio::generic::stream_protocol::socket;
  struct handlers {
    /// The protocol was switched (101): a relay takes over.
    std::function<void(detail::descriptor client, detail::descriptor backend, relay_request)> on_switched;
    /// Called once, if the protocol was not switched.
    std::function<void(const relay_report&)> on_end;
    /// The text of a refusal for a backend that gives no response.
    std::function<std::string(std::string reason)> refusal_text;
  };

  http_pump(socket client, socket backend, http_forwarding exchange, std::chrono::milliseconds idle_timeout,
            handlers then);

  void start();
  /// Closes both sides.
  void close();

 private:
  void read_client();
  void on_client(std::size_t octets);
  void read_backend();
  void on_backend(std::size_t octets);
  void on_backend_end(error_code ec);
  void finish_response();
  void switch_protocols();
  void end(relay_side by, error_code ec);
  void restart_timer(std::chrono::milliseconds limit);

  socket client_, backend_;
  http_forwarding exchange_;
  std::chrono::milliseconds idle_timeout_;
  handlers then_;
  boost::asio::steady_timer timer_;
  std::string for_backend_, for_client_;
  std::array<char, 16384> from_client_, from_backend_;
  relay_report report_;
  bool is_reading_client_ = false;
  bool is_writing_to_backend_ = false;
  bool switching_ = false;  // until the read of the client has ended
  bool is_finishing_ = false;
  bool has_ended_ = false;
};

}  // namespace sdconnect::helper
