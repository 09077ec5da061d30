/// \file
/// One connection of a client, from its acceptance until its relay begins.
#pragma once

#include "helper/protocol/proxy_handshake.hpp"
#include "helper/run/listener.hpp"
#include "helper/run/shared_state.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace sdconnect::helper {

class worker;

/// Belongs to one worker and runs in its thread. Lives until its relay begins or it has failed.
class client : public std::enable_shared_from_this<client> {
 public:
  client(worker& in, accepted from, std::shared_ptr<const door> through);

  void start();
  /// Closes the connection; nothing more happens.
  void close();
  [[nodiscard]] bool is_in_handshake() const noexcept { return handshake_.has_value() && !is_dialing_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

 private:
  using socket = boost::asio::generic::stream_protocol::socket;

  // A forward.
  void dial_forward();
  // A proxy.
  void begin_handshake();
  void read();
  void on_octets(std::size_t count);
  void on_asked();
  void answer_own_request(const http_proxy_reader& asked);
  void send_last(std::string octets);
  void read_to_end();

  void on_dialed(dialed result);
  void relay(dialed result);
  void exchange_http(dialed result);
  void refuse(const refusal& why);
  /// Ends this object: the connection is closed, or belongs to a relay.
  void leave();

  worker& worker_;
  std::string id_;
  std::shared_ptr<const door> door_;
  std::shared_ptr<const settings> settings_;
  accepted from_;
  std::optional<socket> socket_;  // while Asio uses the descriptor
  boost::asio::steady_timer deadline_;
  std::optional<proxy_handshake> handshake_;
  std::string wanted_;  // the destination as text, for logs
  std::string to_send_;
  std::array<char, 2048> block_;
  bool is_dialing_ = false;
  bool has_left_ = false;
};

}  // namespace sdconnect::helper
