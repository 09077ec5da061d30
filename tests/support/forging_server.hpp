/// \file
/// A name server whose replies may be late, repeated, forged or cut.
#pragma once

#include "lab/name_server.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace sdconnect::test {

/// One datagram, or one message of a TCP connection.
struct reply {
  std::vector<std::uint8_t> octets;
  std::chrono::milliseconds delay{0};
  /// UDP: sent from another port of the same address, as a forger would.
  bool from_other_port = false;
  /// TCP: without the length in front, for replies in pieces and for wrong lengths.
  bool without_length = false;
  /// TCP: then the connection is closed. With `without_length` and no octets nothing else happens.
  bool then_close = false;
};

/// Returns what is sent for a query, in order; nothing at all is a lost query.
using forger = std::function<std::vector<reply>(std::span<const std::uint8_t> query, lab::transport over)>;

/// What lab::zone_handler sends.
[[nodiscard]] forger zone_forger(std::shared_ptr<const zone> served);

/// lab::name_server with replies of this kind. close() also drops delayed replies.
class forging_server {
 public:
  forging_server(boost::asio::any_io_executor executor, forger answer, lab::name_server_options options = {});
  forging_server(const forging_server&) = delete;
  forging_server& operator=(const forging_server&) = delete;
  ~forging_server();

  [[nodiscard]] boost::asio::ip::udp::endpoint endpoint() const { return server_.endpoint(); }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::uint64_t queries(lab::transport over) const { return server_.queries(over); }
  [[nodiscard]] std::uint64_t connections() const { return server_.connections(); }
  void close();

 private:
  class delayed_replies;

  std::shared_ptr<delayed_replies> delayed_;
  lab::name_server server_;
};

}  // namespace sdconnect::test
